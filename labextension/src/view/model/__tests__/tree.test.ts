import { describe, expect, it } from 'vitest';
import { rowOf } from '../../../__tests__/fake_kernel';
import { flat, keyOf, type Line, nested } from '../tree';
import type { IVariable } from '../variables';

function variables(...names: string[]): IVariable[] {
  return names.map((name, id) => ({
    row: rowOf(id, name),
    reading: null,
    points: [],
    readAt: 0
  }));
}

function drawn(lines: readonly Line[]): string[] {
  return lines.map(line => {
    const fold = line.kind === 'scope' ? (line.open ? '-' : '+') : ' ';
    return `${'  '.repeat(line.level - 1)}${fold}${line.label}`;
  });
}

const open = () => true;

describe('the tree of scopes', () => {
  it('puts variables into their scopes', () => {
    const lines = nested(variables('a/x', 'a/y', 'b', 'a/c/x', 'a/c/y'), open);
    expect(drawn(lines)).toEqual([
      '-a',
      '   x',
      '   y',
      '  -c',
      '     x',
      '     y',
      ' b'
    ]);
  });

  it('shows nothing of a closed scope but its sums', () => {
    const lines = nested(
      variables('a/x', 'a/c/y', 'a/c/z'),
      path => path !== 'a/'
    );
    expect(drawn(lines)).toEqual(['+a']);
    expect(lines[0]).toMatchObject({ path: 'a/', ids: [0, 1, 2], bytes: 72 });
  });

  it('shows scopes with one thing inside in its line', () => {
    const lines = nested(variables('a/b/c/x', 'a/b/c/y', 'd/Adam'), open);
    expect(drawn(lines)).toEqual(['-a/b/c', '   x', '   y', ' d/Adam']);
    expect(lines[0]).toMatchObject({ path: 'a/b/c/' });
  });

  it('keeps a variable apart from the scope of the same name', () => {
    const lines = nested(variables('w', 'w/m', 'w/v'), open);
    expect(drawn(lines)).toEqual([' w', '-w', '   m', '   v']);
    expect(new Set(lines.map(keyOf)).size).toBe(4);
  });

  it('takes names with empty and odd parts as they are', () => {
    const lines = nested(variables('a//b', 'a//c', '../x', '/', ''), open);
    expect(drawn(lines)).toEqual(['-a/', '   b', '   c', ' ../x', ' /', ' ']);
  });

  it('survives a name of thousands of scopes', () => {
    const deep = 'a/'.repeat(20_000);
    const lines = nested(variables(`${deep}x`, `${deep}y`), open);
    expect(lines).toHaveLength(3);
  });

  it('can be left out', () => {
    expect(drawn(flat(variables('a/x', 'b')))).toEqual([' a/x', ' b']);
  });
});
