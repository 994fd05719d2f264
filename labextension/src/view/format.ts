import { format } from 'd3-format';

const significant = format('.4~g');
const grouped = format(',');

/**
 * A number for people: four digits, and NaN and infinities by their names.
 */
export function number(value: number): string {
  if (Number.isNaN(value)) {
    return 'NaN';
  }
  if (!Number.isFinite(value)) {
    return value > 0 ? 'Inf' : '−Inf';
  }
  const size = Math.abs(value);
  if (Number.isInteger(value) && size < 1e6) {
    return grouped(value);
  }
  if (size >= 1e6 || size < 1e-4) {
    return format('.3~e')(value);
  }
  return significant(value);
}

/**
 * A whole number with its thousands grouped.
 */
export function count(value: number): string {
  return grouped(value);
}

/**
 * A size in the binary units in which TensorFlow reports memory.
 */
export function bytes(value: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let size = value;
  let unit = 0;
  while (size >= 1024 && unit < units.length - 1) {
    size /= 1024;
    unit += 1;
  }
  const digits = unit === 0 || size >= 100 ? 0 : 1;
  return `${size.toFixed(digits)} ${units[unit] ?? ''}`;
}

/**
 * A static shape as TensorFlow writes it; `null` is a shape that is not known.
 */
export function shape(value: readonly (number | null)[] | null): string {
  if (value === null) {
    return '?';
  }
  const sizes = value.map(size => (size === null ? '?' : size.toString()));
  return sizes.length === 1 ? `(${sizes[0] ?? ''},)` : `(${sizes.join(', ')})`;
}

/**
 * `/job:localhost/replica:0/task:0/device:CPU:0` as `CPU:0`.
 *
 * #### Notes
 * A remote task keeps its job and task, which tell it from the local one.
 */
export function device(name: string): string {
  const parts = name.split('/').filter(part => part !== '');
  const last = (parts[parts.length - 1] ?? '').replace(/^device:/i, '');
  const place = parts
    .slice(0, -1)
    .filter(part => !/^(job:localhost|replica:0|task:0)$/.test(part));
  return [...place, last].filter(part => part !== '').join('/');
}

/**
 * A moment, in seconds since 1970, with its date where that is not today.
 */
export function moment(seconds: number): string {
  const then = new Date(seconds * 1000);
  return then.toDateString() === new Date().toDateString()
    ? time(then)
    : then.toLocaleString(undefined, { hour12: false });
}

/**
 * A moment of today as the reader's clock shows it.
 */
export function time(moment: Date): string {
  return moment.toLocaleTimeString(undefined, { hour12: false });
}
