import { describe, expect, it } from 'vitest';
import { nameFilter } from '../filter';

const names = ['dense/kernel', 'dense/bias', 'Conv_1/kernel', 'a[0]', 'a.b'];

function matching(text: string): string[] {
  return names.filter(nameFilter(text));
}

describe('the filter', () => {
  it('matches everything when it is empty', () => {
    expect(matching('  ')).toEqual(names);
  });

  it('finds a word anywhere, in any case', () => {
    expect(matching('conv')).toEqual(['Conv_1/kernel']);
    expect(matching('KERNEL')).toEqual(['dense/kernel', 'Conv_1/kernel']);
  });

  it('takes patterns for the whole name, across scopes', () => {
    expect(matching('*kernel')).toEqual(['dense/kernel', 'Conv_1/kernel']);
    expect(matching('dense/*')).toEqual(['dense/kernel', 'dense/bias']);
    expect(matching('kernel*')).toEqual([]);
    expect(matching('conv_?/*')).toEqual(['Conv_1/kernel']);
  });

  it('knows sets and their opposites', () => {
    expect(matching('conv_[0-9]/*')).toEqual(['Conv_1/kernel']);
    expect(matching('conv_[!0-9]/*')).toEqual([]);
  });

  it('wants all of several words', () => {
    expect(matching('dense bias')).toEqual(['dense/bias']);
    expect(matching('d* kernel')).toEqual(['dense/kernel']);
  });

  it('takes letters that mean something in regular expressions as they are', () => {
    expect(matching('a.b')).toEqual(['a.b']);
    expect(matching('a.*')).toEqual(['a.b']);
    expect(matching('*(')).toEqual([]);
  });

  it('survives patterns typed halfway', () => {
    expect(matching('a[')).toEqual([]);
    expect(matching('[z-a]*')).toEqual([]);
    expect(matching('a[[]0]')).toEqual(['a[0]']);
  });

  it('is fast on patterns of many stars', () => {
    const matches = nameFilter(`${'*'.repeat(500)}x`);
    expect(matches('a'.repeat(5000))).toBe(false);
  });
});
