import { ServerConnection } from '@jupyterlab/services';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Overview } from '../overview';

/**
 * The server's end of a WebSocket.
 */
class FakeSocket {
  constructor(readonly url: string) {
    sockets.push(this);
  }

  onmessage: ((event: { data: string }) => void) | null = null;
  onclose: (() => void) | null = null;
  isClosed = false;

  close(): void {
    this.isClosed = true;
    this.onclose?.();
  }

  tell(message: unknown): void {
    this.onmessage?.({ data: JSON.stringify(message) });
  }
}

let sockets: FakeSocket[] = [];
let overview: Overview;

const kernel = (id: string) => ({
  id,
  notebooks: [`${id}.ipynb`],
  state: null
});
const ids = () => overview.kernels?.map(({ id }) => id) ?? null;

beforeEach(() => {
  vi.useFakeTimers();
  sockets = [];
  overview = new Overview(
    ServerConnection.makeSettings({
      wsUrl: 'ws://localhost/base/',
      token: 'a b',
      appendToken: true,
      WebSocket: FakeSocket as unknown as typeof WebSocket
    })
  );
});

afterEach(() => {
  overview.dispose();
  vi.useRealTimers();
});

describe('an overview', () => {
  it('opens nothing until somebody looks', () => {
    expect(sockets).toHaveLength(0);
    expect(ids()).toBeNull();
    overview.follow();
    overview.follow();
    expect(sockets.map(({ url }) => url)).toEqual([
      'ws://localhost/base/jupyter-tfsession/api/stream?token=a%20b'
    ]);
  });

  it('knows the kernels that come, change and go', () => {
    const told = vi.fn();
    overview.changed.connect(told);
    overview.follow();
    sockets[0]?.tell({ type: 'kernels', kernels: [kernel('a'), 'odd'] });
    expect(ids()).toEqual(['a']);
    sockets[0]?.tell({ type: 'kernel', kernel: kernel('b') });
    sockets[0]?.tell({ type: 'gone', id: 'a' });
    sockets[0]?.tell({ type: 'something new' });
    expect(ids()).toEqual(['b']);
    expect(told).toHaveBeenCalledTimes(4);
  });

  it('is closed when nobody looks any more, and does not come back by itself', () => {
    overview.follow();
    overview.rest();
    expect(sockets[0]?.isClosed).toBe(true);
    vi.advanceTimersByTime(1e6);
    expect(sockets).toHaveLength(1);
    overview.follow();
    expect(sockets).toHaveLength(2);
  });

  it('tries again after a loss, less and less often', () => {
    overview.follow();
    sockets[0]?.tell({ type: 'kernels', kernels: [kernel('a')] });
    sockets[0]?.close();
    expect(ids()).toBeNull();
    vi.advanceTimersByTime(2_000);
    expect(sockets).toHaveLength(2);
    sockets[1]?.close();
    vi.advanceTimersByTime(3_999);
    expect(sockets).toHaveLength(2);
    vi.advanceTimersByTime(1);
    expect(sockets).toHaveLength(3);
    sockets[2]?.tell({ type: 'kernels', kernels: [] });
    expect(ids()).toEqual([]);
  });
});
