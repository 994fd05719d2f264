import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ok, readingOf, stateOf } from '../../__tests__/fake_kernel';
import { FakeModel } from '../../__tests__/fake_model';
import type { Readings } from '../../protocol';
import { WidgetTransport } from '../anywidget';

let model: FakeModel;
let transport: WidgetTransport;

beforeEach(() => {
  vi.useFakeTimers();
  model = new FakeModel();
  transport = new WidgetTransport(model);
});

afterEach(() => {
  transport.dispose();
  vi.useRealTimers();
});

function readings(view: string): Readings {
  return {
    type: 'readings',
    version: 1,
    view,
    graph: 1,
    generation: 1,
    time: 1,
    run: 1,
    torn: false,
    readings: [readingOf(1, '1')]
  };
}

function events(): unknown[] {
  const found: unknown[] = [];
  transport.listen({
    onEvent: event => found.push(event),
    onLink: () => found.push(transport.link)
  });
  return found;
}

describe('requests over a widget', () => {
  it('get the reply that has their id', async () => {
    const first = transport.request({ type: 'hello' });
    const second = transport.request({ type: 'hello' });
    const [one, two] = model.sent;
    expect(one).toMatchObject({ type: 'hello', version: 1 });
    expect(one?.id).not.toBe(two?.id);
    if (one && two) {
      model.trigger('msg:custom', ok(two, null, 'two'));
      model.trigger('msg:custom', ok(one, null, 'one'));
    }
    expect(await first).toMatchObject({ text: 'one' });
    expect(await second).toMatchObject({ text: 'two' });
  });

  it('are given up when the comm is gone', async () => {
    model.isGone = true;
    await expect(transport.request({ type: 'hello' })).rejects.toThrow(
      'not connected'
    );
    expect(transport.link).toBe('lost');
  });

  it('are given up when the link is lost', async () => {
    const reply = transport.request({ type: 'hello' });
    model.trigger('comm_live_update');
    await expect(reply).rejects.toThrow('not connected');
    await expect(transport.request({ type: 'hello' })).rejects.toThrow(
      'not connected'
    );
  });
});

describe('events over a widget', () => {
  it('are those for this view and for all', () => {
    const found = events();
    model.trigger('msg:custom', readings(transport.view));
    model.trigger('msg:custom', readings(''));
    model.trigger('msg:custom', readings('another'));
    model.trigger('msg:custom', stateOf());
    expect(found).toMatchObject([
      'connected',
      { type: 'readings', view: transport.view },
      { type: 'readings', view: '' },
      { type: 'state' }
    ]);
  });

  it.each([
    null,
    7,
    'text',
    [],
    {},
    { type: 'state' },
    { type: 'state', version: 2 },
    { type: 'later', version: 1 },
    { type: 'ok', version: 1, id: 'nobody’s' }
  ])('are left when they are none of the protocol: %j', message => {
    const found = events();
    model.trigger('msg:custom', message);
    expect(found.filter(event => typeof event !== 'string')).toEqual([]);
  });
});

describe('the link of a widget', () => {
  it('is lost with the comm, also where sending fails', () => {
    const found = events();
    model.isGone = true;
    model.trigger('comm_live_update');
    expect(found).toEqual(['lost']);
  });

  it('is found again when the kernel answers over the comm that changed', () => {
    model.trigger('comm_live_update');
    const [hello] = model.sent;
    expect(hello).toMatchObject({ type: 'hello' });
    if (hello) {
      model.trigger('msg:custom', ok(hello));
    }
    expect(transport.link).toBe('connected');
  });

  it('is lost when the extension is unloaded', () => {
    model.traits.connected = false;
    model.trigger('change:connected', false);
    expect(transport.link).toBe('lost');
  });

  it('is lost, with the reason, when the kernel says that it ends', () => {
    model.trigger('msg:custom', {
      type: 'ended',
      version: 1,
      because: 'unloaded'
    });
    expect([transport.link, transport.because]).toEqual(['lost', 'unloaded']);
  });

  it('is lost when an idle kernel does not answer, and found when it does', () => {
    transport.request({ type: 'hello' }).catch(() => null);
    vi.advanceTimersByTime(10_000);
    expect(transport.link).toBe('lost');
    model.trigger('msg:custom', stateOf());
    expect(transport.link).toBe('connected');
  });

  it('is kept while a cell is running and gives signs of life, however long', () => {
    model.trigger('msg:custom', stateOf({ busy: true }));
    transport.request({ type: 'hello' }).catch(() => null);
    for (let passed = 0; passed < 3_600; passed += 60) {
      vi.advanceTimersByTime(60_000);
      model.trigger('msg:custom', stateOf({ busy: true }));
    }
    expect(transport.link).toBe('connected');
  });

  it('is lost when a kernel ends in the middle of a cell', async () => {
    model.trigger('msg:custom', stateOf({ busy: true }));
    const reply = transport.request({ type: 'hello' });
    vi.advanceTimersByTime(130_000);
    expect(transport.link).toBe('lost');
    await expect(reply).rejects.toThrow('not connected');
  });

  it('is kept when the cell has ended and nothing was asked since', () => {
    model.trigger('msg:custom', stateOf({ busy: true }));
    model.trigger('msg:custom', stateOf());
    vi.advanceTimersByTime(3_600_000);
    expect(transport.link).toBe('connected');
  });
});

describe('the snapshot of a widget', () => {
  it('is nothing before there is one', () => {
    expect(transport.snapshot).toBeNull();
    const snapshot = { state: stateOf(), tables: [], readings: [] };
    model.traits.snapshot = snapshot;
    expect(transport.snapshot).toBe(snapshot);
  });
});

describe('a widget’s transport', () => {
  it('leaves nothing behind', () => {
    transport.request({ type: 'hello' }).catch(() => null);
    transport.dispose();
    expect(model.listeners).toBe(0);
    expect(vi.getTimerCount()).toBe(0);
  });
});
