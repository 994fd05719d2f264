import { describe, expect, it } from 'vitest';
import { type INotebook, placed } from '../stale/cells';

const stale = (cell: string) => ({
  cell,
  label: `[${cell}]`,
  begins: '',
  replaced_by: ['[3]']
});

const notebook = (...ids: string[]): INotebook => ({
  content: { widgets: ids.map(id => ({ model: { id } })) }
});

describe('stale cells', () => {
  it('come in notebook order', () => {
    const one = notebook('a', 'b', 'c', 'd');
    const found = placed([stale('d'), stale('b')], [one]);
    expect(found.map(({ stale, index }) => [stale.cell, index])).toEqual([
      ['b', 1],
      ['d', 3]
    ]);
  });

  it('that are in no notebook come last, and cannot be run from here', () => {
    const found = placed(
      [stale('gone'), stale(''), stale('b')],
      [notebook('a', 'b')]
    );
    expect(
      found.map(({ stale, notebook }) => [stale.cell, notebook === null])
    ).toEqual([
      ['b', false],
      ['gone', true],
      ['', true]
    ]);
  });

  it('are found in every notebook of the kernel, once each', () => {
    const [one, other] = [notebook('a'), notebook('a', 'b')];
    const found = placed([stale('a'), stale('b')], [one, other]);
    expect(found.map(({ notebook }) => notebook)).toEqual([one, other]);
  });
});
