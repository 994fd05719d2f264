import type { IVariable } from './variables';

/**
 * The columns, in the order in which they stand.
 */
export const COLUMNS = [
  'name',
  'state',
  'value',
  'trend',
  'dtype',
  'shape',
  'bytes',
  'device',
  'written'
] as const;

export type Column = (typeof COLUMNS)[number];

/**
 * What a variable's mark says first; the later in this list, the more urgent.
 */
export const STATES = [
  'initialized',
  'unread',
  'uninitialized',
  'redefined',
  'stale',
  'retired'
] as const;

export type VariableState = (typeof STATES)[number];

export interface ISorting {
  readonly column: Column;
  readonly descending: boolean;
}

/**
 * The state that a variable is shown in: of several, the most urgent.
 */
export function stateOf({ row, reading }: IVariable): VariableState {
  for (const mark of ['retired', 'stale', 'redefined'] as const) {
    if (row.marks.includes(mark)) {
      return mark;
    }
  }
  if (reading === null) {
    return 'unread';
  }
  return reading.initialized ? 'initialized' : 'uninitialized';
}

/**
 * Where a variable is, as far as is known.
 */
export function deviceOf({ row, reading }: IVariable): string {
  return reading !== null && reading.device !== ''
    ? reading.device
    : row.requested;
}

type Key = string | number | null;

const collator = new Intl.Collator(undefined, { numeric: true });

const KEYS: Record<Column, (variable: IVariable) => Key> = {
  name: ({ row }) => row.name,
  state: variable => STATES.indexOf(stateOf(variable)),
  value: ({ reading }) => valueKey(reading?.text),
  trend: ({ points }) => points[points.length - 1] ?? null,
  dtype: ({ row }) => row.dtype,
  shape: ({ row }) =>
    row.shape === null ? null : row.shape.reduce<number>(product, 1),
  bytes: ({ row }) => row.bytes,
  device: variable => deviceOf(variable),
  written: ({ reading }) => reading?.written?.run ?? null
};

/**
 * Sorts variables; what has no value in the column comes last either way.
 */
export function sorted(
  variables: readonly IVariable[],
  { column, descending }: ISorting
): IVariable[] {
  const key = KEYS[column];
  const sign = descending ? -1 : 1;
  return variables
    .map(variable => ({ variable, key: key(variable) }))
    .sort((one, other) => {
      if (isMissing(one.key) || isMissing(other.key)) {
        return Number(isMissing(one.key)) - Number(isMissing(other.key));
      }
      return sign * compare(one.key, other.key);
    })
    .map(({ variable }) => variable);
}

function isMissing(key: Key): key is null {
  return key === null || Number.isNaN(key);
}

function compare(one: string | number, other: string | number): number {
  return typeof one === 'number' && typeof other === 'number'
    ? one - other
    : collator.compare(String(one), String(other));
}

function product(total: number, size: number | null): number {
  return total * (size ?? 1);
}

/** Numbers sort as numbers, everything else as text after them. */
function valueKey(text: string | undefined): Key {
  if (text === undefined || text === '') {
    return null;
  }
  const value = Number(text);
  return Number.isNaN(value) ? text : value;
}
