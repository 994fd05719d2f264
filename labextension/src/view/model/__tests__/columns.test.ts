import { describe, expect, it } from 'vitest';
import { readingOf, rowOf } from '../../../__tests__/fake_kernel';
import { type Column, deviceOf, sorted, stateOf } from '../columns';
import type { IVariable } from '../variables';

function variable(id: number, name: string, text?: string): IVariable {
  return {
    row: rowOf(id, name),
    reading: text === undefined ? null : readingOf(id, text),
    points: [],
    readAt: 0
  };
}

function names(found: readonly IVariable[]): string[] {
  return found.map(({ row }) => row.name);
}

function by(column: Column, descending = false) {
  return { column, descending };
}

describe('sorting', () => {
  it('counts as people do', () => {
    const all = ['layer_10', 'layer_9', 'Layer_1'].map((name, id) =>
      variable(id, name)
    );
    expect(names(sorted(all, by('name')))).toEqual([
      'Layer_1',
      'layer_9',
      'layer_10'
    ]);
  });

  it('sorts values as numbers where they are', () => {
    const all = [
      variable(0, 'a', '10'),
      variable(1, 'b', '-9.5'),
      variable(2, 'c', '2e-3')
    ];
    expect(names(sorted(all, by('value')))).toEqual(['b', 'c', 'a']);
    expect(names(sorted(all, by('value', true)))).toEqual(['a', 'c', 'b']);
  });

  it('puts what has no value last either way', () => {
    const all = [
      variable(0, 'none'),
      variable(1, 'low', '1'),
      variable(2, 'high', '2')
    ];
    expect(names(sorted(all, by('value')))).toEqual(['low', 'high', 'none']);
    expect(names(sorted(all, by('value', true)))).toEqual([
      'high',
      'low',
      'none'
    ]);
  });

  it('leaves equal ones in their order', () => {
    const all = [variable(0, 'b'), variable(1, 'a')];
    expect(names(sorted(all, by('dtype', true)))).toEqual(['b', 'a']);
  });

  it('sorts by the size of shapes, unknown ones last', () => {
    const sizes = [[10, 10], null, [3]] as const;
    const all = sizes.map((shape, id) => {
      const one = variable(id, String(shape));
      return { ...one, row: { ...one.row, shape: shape && [...shape] } };
    });
    expect(names(sorted(all, by('shape')))).toEqual(['3', '10,10', 'null']);
  });
});

describe('the state of a variable', () => {
  it('is the most urgent of several', () => {
    const one = variable(0, 'v', '1');
    expect(stateOf(one)).toBe('initialized');
    one.row = { ...one.row, marks: ['redefined'] };
    expect(stateOf(one)).toBe('redefined');
    one.row = { ...one.row, marks: ['redefined', 'retired'] };
    expect(stateOf(one)).toBe('retired');
  });

  it('is not guessed before it was read', () => {
    expect(stateOf(variable(0, 'v'))).toBe('unread');
  });
});

describe('the device of a variable', () => {
  it('is what was asked for as long as nobody tells where it is', () => {
    const one = variable(0, 'v');
    one.row = { ...one.row, requested: '/device:GPU:0' };
    expect(deviceOf(one)).toBe('/device:GPU:0');
    one.reading = readingOf(0, '1');
    expect(deviceOf(one)).toContain('CPU:0');
  });
});
