import { describe, expect, it } from 'vitest';
import type { Readings, Table } from '../../../protocol';
import { readingOf, rowOf } from '../../../__tests__/fake_kernel';
import { Variables } from '../variables';

function table(rows: Table['rows'], total = rows.length): Table {
  const about = { version: 1, view: '', graph: 1, generation: 1 } as const;
  return { type: 'table', ...about, total, rows };
}

function readings(time: number, found: Readings['readings']): Readings {
  const about = { version: 1, view: '', graph: 1, generation: 1 } as const;
  return {
    type: 'readings',
    ...about,
    time,
    run: 1,
    torn: false,
    readings: found
  };
}

describe('variables', () => {
  it('come in parts, and in the order of creation', () => {
    const variables = new Variables();
    variables.addTable(table([rowOf(5, 'b')], 2));
    expect([variables.size, variables.total]).toEqual([1, 2]);
    variables.addTable(table([rowOf(2, 'a')], 2));
    expect(variables.all().map(({ row }) => row.name)).toEqual(['a', 'b']);
  });

  it('keep their reading when their row changes', () => {
    const variables = new Variables();
    variables.addTable(table([rowOf(1, 'a', { history: [1, 2] })]));
    variables.addReadings(readings(1, [readingOf(1, '3', { point: 3 })]));
    variables.addTable(table([rowOf(1, 'a', { marks: ['retired'] })]));
    expect(variables.get(1)?.reading?.text).toBe('3');
    expect(variables.get(1)?.points).toEqual([1, 2, 3]);
  });

  it('take the same readings once', () => {
    const variables = new Variables();
    variables.addTable(table([rowOf(1, 'a')]));
    for (const time of [1, 1, 2, 1]) {
      variables.addReadings(
        readings(time, [readingOf(1, time.toString(), { point: time })])
      );
    }
    expect(variables.get(1)?.points).toEqual([1, 2]);
    expect(variables.get(1)?.reading?.text).toBe('2');
  });

  it('read numbers that JSON has not', () => {
    const variables = new Variables();
    variables.addTable(
      table([rowOf(1, 'a', { history: ['NaN', 'Infinity'] })])
    );
    variables.addReadings(
      readings(1, [readingOf(1, '', { point: '-Infinity' })])
    );
    expect(variables.get(1)?.points).toEqual([NaN, Infinity, -Infinity]);
  });

  it('keep a bounded number of points', () => {
    const variables = new Variables();
    variables.addTable(table([rowOf(1, 'a')]));
    for (let time = 1; time <= 100; time += 1) {
      variables.addReadings(
        readings(time, [readingOf(1, '', { point: time })])
      );
    }
    expect(variables.get(1)?.points).toHaveLength(60);
    expect(variables.get(1)?.points[59]).toBe(100);
  });

  it('leave readings of what they do not know', () => {
    const variables = new Variables();
    variables.addReadings(readings(1, [readingOf(9, '3')]));
    expect(variables.size).toBe(0);
  });
});
