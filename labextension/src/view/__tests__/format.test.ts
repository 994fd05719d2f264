import { describe, expect, it } from 'vitest';
import { bytes, device, number, shape } from '../format';

describe('numbers', () => {
  it.each([
    [0, '0'],
    [12345, '12,345'],
    [0.123456, '0.1235'],
    [1234567, '1.235e+6'],
    [1e-7, '1e-7'],
    [-1.5, '−1.5'],
    [NaN, 'NaN'],
    [Infinity, 'Inf'],
    [-Infinity, '−Inf']
  ])('shows %d as %s', (value, text) => {
    expect(number(value)).toBe(text);
  });

  it('shows sizes in units that fit', () => {
    expect(bytes(0)).toBe('0 B');
    expect(bytes(1536)).toBe('1.5 KiB');
    expect(bytes(400 * 1024 * 1024)).toBe('400 MiB');
    expect(bytes(2 ** 60)).toBe('1048576 TiB');
  });
});

describe('shapes', () => {
  it('shows what is not known as a question mark', () => {
    expect(shape([])).toBe('()');
    expect(shape([2])).toBe('(2,)');
    expect(shape([2, null])).toBe('(2, ?)');
    expect(shape(null)).toBe('?');
  });
});

describe('devices', () => {
  it('leaves out what is the same for all devices of this process', () => {
    expect(device('/job:localhost/replica:0/task:0/device:CPU:0')).toBe(
      'CPU:0'
    );
    expect(device('/device:GPU:1')).toBe('GPU:1');
    expect(device('')).toBe('');
  });

  it('keeps what tells a remote task from this one', () => {
    expect(device('/job:ps/replica:0/task:3/device:CPU:0')).toBe(
      'job:ps/task:3/CPU:0'
    );
  });
});
