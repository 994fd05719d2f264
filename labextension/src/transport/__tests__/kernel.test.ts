import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { FakeConnection, settled } from '../../__tests__/fake_connection';
import { stateOf } from '../../__tests__/fake_kernel';
import type { Event } from '../../protocol';
import { KernelTransport } from '../kernel';
import { NotConnectedError } from '../transport';

let kernel: FakeConnection;
let transport: KernelTransport;
let events: Event[];

async function connected(): Promise<void> {
  transport = new KernelTransport(kernel.asKernel);
  transport.listen({
    onEvent: event => {
      events.push(event);
    },
    onLink: () => undefined
  });
  await settled();
}

beforeEach(() => {
  vi.useFakeTimers();
  kernel = new FakeConnection();
  events = [];
});

afterEach(() => {
  transport.dispose();
  vi.useRealTimers();
});

describe('connecting', () => {
  it('opens its comms on a subshell of its own and tells the state', async () => {
    await connected();
    expect(transport.standing).toBe('connected');
    expect(transport.link).toBe('connected');
    expect([...kernel.subshells]).toEqual(['subshell-1']);
    expect(kernel.requests).toEqual([['hello', 'subshell-1']]);
    expect(events).toEqual([kernel.state]);
    expect(transport.snapshot?.state).toEqual(kernel.state);
  });

  it('does without subshells where there are none', async () => {
    kernel.features = [];
    await connected();
    expect(transport.standing).toBe('connected');
    expect(kernel.requests).toEqual([['hello', null]]);
  });

  it('says that it waits for a cell of which it has not heard', async () => {
    kernel.features = [];
    kernel.answers = false;
    await connected();
    expect(transport.standing).toBe('connecting');
    expect(transport.waits).toBe(true);
  });

  it('connects once more where a kernel does not notice what it was sent', async () => {
    kernel.answers = false;
    await connected();
    await vi.advanceTimersByTimeAsync(4_000);
    expect(kernel.clones).toEqual([]);
    await vi.advanceTimersByTimeAsync(7_000);
    expect(kernel.clones.map(one => one.isDisposed)).toEqual([true, false]);
    kernel.answerLate();
    expect(transport.standing).toBe('connected');
    await vi.advanceTimersByTimeAsync(60_000);
    expect(kernel.clones.map(one => one.isDisposed)).toEqual([true, true]);
  });

  it('lets a kernel without subshells take as long as its cell', async () => {
    kernel.features = [];
    kernel.answers = false;
    await connected();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(kernel.clones).toEqual([]);
  });

  it.each(['restarting', 'disposed'])(
    'asks no more when it is %s',
    async how => {
      kernel.answers = false;
      await connected();
      await vi.advanceTimersByTimeAsync(5_000);
      if (how === 'disposed') {
        transport.dispose();
      } else {
        kernel.setStatus(how);
      }
      await vi.advanceTimersByTimeAsync(60_000);
      expect(kernel.clones.map(one => one.isDisposed)).toEqual([true]);
    }
  );

  it('leaves kernels of other languages alone', async () => {
    kernel.language = 'R';
    await connected();
    expect(transport.standing).toBe('foreign');
    expect(kernel.sent).toEqual([]);
    expect(kernel.subshells.size).toBe(0);
  });

  it('says that the extension is not loaded, and leaves no subshell', async () => {
    kernel.loaded = false;
    await connected();
    expect(transport.standing).toBe('absent');
    expect(kernel.subshells.size).toBe(0);
    await expect(transport.request({ type: 'hello' })).rejects.toBeInstanceOf(
      NotConnectedError
    );
  });

  it('waits until the page has a connection', async () => {
    const send = vi
      .spyOn(kernel, 'sendControlMessage')
      .mockImplementationOnce(() => {
        throw new Error('Could not send message: status is not connected');
      });
    kernel.connectionStatus = 'connecting';
    await connected();
    expect(transport.standing).toBe('connecting');
    kernel.setConnection('connected');
    await settled();
    expect(send.mock.calls.length).toBeGreaterThan(1);
    expect(transport.standing).toBe('connected');
  });
});

describe('a cell', () => {
  it('that loads the extension is noticed', async () => {
    kernel.loaded = false;
    await connected();
    const end = kernel.run('%load_ext jupyter_tfsession');
    kernel.loaded = true;
    end();
    await settled();
    expect(transport.standing).toBe('connected');
  });

  it('that says nothing of it is asked after now and then', async () => {
    kernel.loaded = false;
    await connected();
    kernel.loaded = true;
    kernel.run('import mine')();
    await settled();
    expect(transport.standing).toBe('absent');
    vi.advanceTimersByTime(11_000);
    kernel.run('import mine', 5)();
    await settled();
    expect(transport.standing).toBe('connected');
  });

  it('that has ended is a reason to look', async () => {
    await connected();
    kernel.state = stateOf({ busy: false, cell: 'after' });
    kernel.run('1')();
    kernel.run('2', 5)();
    await vi.advanceTimersByTimeAsync(1000);
    expect(kernel.requests.map(([type]) => type)).toEqual(['hello', 'hello']);
    expect(events[events.length - 1]).toMatchObject({ cell: 'after' });
  });

  it('is told at once where requests would wait for its end', async () => {
    kernel.features = [];
    kernel.state = stateOf({ answers: 'after_cell' });
    await connected();
    const end = kernel.run('train()', 7);
    expect(events[events.length - 1]).toMatchObject({
      busy: true,
      cell: '[7]',
      answers: 'after_cell'
    });
    expect(transport.waits).toBe(true);
    end();
    expect(transport.waits).toBe(false);
  });
});

describe('a kernel that is restarted', () => {
  it('is lost, then connected to anew under another name', async () => {
    await connected();
    const { view } = transport;
    const reply = transport.request({ type: 'undo', graph: 1, generation: 7 });
    kernel.setStatus('restarting');
    await expect(reply).rejects.toBeInstanceOf(NotConnectedError);
    expect(transport.standing).toBe('restarting');
    expect(transport.snapshot).toBeNull();
    kernel.setConnection('connecting');
    kernel.setConnection('connected');
    kernel.setStatus('unknown');
    expect(transport.standing).toBe('restarting');
    kernel.setStatus('idle');
    await settled();
    expect(transport.standing).toBe('connected');
    expect(transport.link).toBe('connected');
    expect(transport.view).not.toBe(view);
  });

  it('is not taken for another when it dies', async () => {
    await connected();
    kernel.setStatus('dead');
    expect(transport.standing).toBe('dead');
    expect(transport.link).toBe('lost');
  });
});

describe('a connection that breaks', () => {
  it('keeps the state, and comes back by itself', async () => {
    await connected();
    kernel.setConnection('connecting');
    expect(transport.standing).toBe('disconnected');
    expect(transport.snapshot).not.toBeNull();
    kernel.setConnection('connected');
    await settled();
    expect(transport.standing).toBe('connected');
    expect([...kernel.subshells]).toEqual(['subshell-2']);
  });
});

describe('what ends', () => {
  it('says why when the extension is unloaded', async () => {
    await connected();
    kernel.push({ type: 'ended', version: 1, because: 'it was unloaded' });
    kernel.unload();
    await settled();
    expect(transport.standing).toBe('absent');
    expect(transport.because).toBe('it was unloaded');
    expect(kernel.subshells.size).toBe(0);
  });

  it('leaves neither comms nor subshells nor listeners', async () => {
    await connected();
    transport.dispose();
    await settled();
    const types = kernel.sent.map(({ header }) => header.msg_type);
    expect(types.filter(type => type === 'comm_open')).toHaveLength(2);
    expect(types.filter(type => type === 'comm_close')).toHaveLength(2);
    expect(kernel.subshells.size).toBe(0);
    const { length } = kernel.sent;
    kernel.run('more')();
    kernel.setStatus('restarting');
    kernel.setStatus('idle');
    await vi.advanceTimersByTimeAsync(60_000);
    expect(kernel.sent).toHaveLength(length);
  });

  it('takes the subshell along when the connection ends', async () => {
    await connected();
    kernel.isDisposed = true;
    transport.dispose();
    await settled();
    expect(kernel.subshells.size).toBe(0);
  });

  it('takes the subshell along when the page goes away', async () => {
    await connected();
    window.dispatchEvent(new Event('pagehide'));
    await settled();
    expect(kernel.subshells.size).toBe(0);
  });
});
