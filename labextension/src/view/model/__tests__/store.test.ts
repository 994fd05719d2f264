import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  detailOf,
  FakeKernel,
  ok,
  readingOf,
  rowOf,
  sessionOf,
  stateOf
} from '../../../__tests__/fake_kernel';
import type { Request } from '../../../protocol';
import { Store } from '../store';

let kernel: FakeKernel;
let store: Store;

beforeEach(() => {
  vi.useFakeTimers();
  kernel = new FakeKernel();
});

afterEach(() => {
  store.dispose();
  vi.useRealTimers();
});

async function open(options: Store.IOptions = {}): Promise<void> {
  kernel.setLink('connected');
  store = new Store(kernel, options);
  await vi.advanceTimersByTimeAsync(0);
}

function confirmation(request: Request) {
  return {
    type: 'refused',
    version: 1,
    id: request.id,
    code: 'confirm',
    message: '',
    confirm: { token: 't', variables: 3, bytes: 9, undo: true, text: 'Really?' }
  } as const;
}

const reset = {
  type: 'reset',
  graph: 1,
  generation: 7,
  variables: null
} as const;

describe('a view’s subscription', () => {
  it('begins at once with what was asked for', async () => {
    await open({ globs: ['a*'], interval: 2 });
    expect(kernel.asked('subscribe')).toMatchObject([
      { globs: ['a*'], interval: 2, rows: null, detail: null, paused: false }
    ]);
    expect(store.session?.name).toBe('default');
  });

  it('is renewed before the kernel forgets it', async () => {
    await open();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(kernel.asked('subscribe')).toHaveLength(4);
  });

  it('changes once for many changes', async () => {
    await open();
    for (let row = 0; row < 50; row += 1) {
      store.wish({ rows: [row] });
    }
    await vi.advanceTimersByTimeAsync(1_000);
    expect(kernel.asked('subscribe')).toHaveLength(2);
    expect(kernel.asked('subscribe')[1]).toMatchObject({ rows: [49] });
  });

  it('does not pile up before a kernel that does not answer', async () => {
    kernel.answer = () => null;
    await open();
    for (let row = 0; row < 5; row += 1) {
      store.wish({ rows: [row] });
      await vi.advanceTimersByTimeAsync(30_000);
    }
    expect(kernel.asked('subscribe')).toHaveLength(1);
    const [first] = kernel.asked('subscribe');
    if (first) {
      kernel.push(ok(first, kernel.state));
    }
    await vi.advanceTimersByTimeAsync(0);
    expect(kernel.asked('subscribe')[1]).toMatchObject({ rows: [4] });
  });

  it('is paused while nobody can see the view', async () => {
    await open();
    store.hide(true);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(kernel.asked('subscribe')[1]).toMatchObject({ paused: true });
    expect(store.wishes.paused).toBe(false);
    store.hide(false);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(kernel.asked('subscribe')[2]).toMatchObject({ paused: false });
  });

  it('begins again with a kernel that came back', async () => {
    await open();
    kernel.setLink('lost');
    kernel.setLink('connected');
    expect(kernel.asked('subscribe')).toHaveLength(2);
  });

  it('ends with the view', async () => {
    await open();
    store.dispose();
    expect(kernel.asked('unsubscribe')).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(120_000);
    expect(kernel.asked('subscribe')).toHaveLength(1);
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe('what the store knows', () => {
  it('begins with the snapshot', async () => {
    kernel.snapshot = {
      state: stateOf(),
      tables: [
        {
          type: 'table',
          version: 1,
          view: '',
          graph: 1,
          generation: 1,
          total: 1,
          rows: [rowOf(1, 'a')]
        }
      ],
      readings: []
    };
    await open();
    expect(store.variables.size).toBe(1);
  });

  it('keeps the graphs apart, and forgets those that are gone', async () => {
    kernel.state = stateOf({
      sessions: [sessionOf(), sessionOf({ graph: 2, name: 'other' })]
    });
    await open();
    kernel.pushRows([rowOf(1, 'a')]);
    expect(store.variables.size).toBe(1);
    store.wish({ graph: 2 });
    expect(store.variables.size).toBe(0);
    store.wish({ graph: null });
    expect(store.variables.size).toBe(1);
    kernel.pushState({ sessions: [sessionOf({ graph: 2 })], current: 2 });
    kernel.pushState({ sessions: [sessionOf()], current: 1 });
    expect(store.variables.size).toBe(0);
  });

  it('has the detail of the variable that was asked for only', async () => {
    await open();
    kernel.push(detailOf(readingOf(1, '1')));
    expect(store.detail).toBeNull();
    store.wish({ detail: 1 });
    kernel.push(detailOf(readingOf(2, '2')));
    expect(store.detail).toBeNull();
    kernel.push(detailOf(readingOf(1, '1')));
    expect(store.detail?.reading.text).toBe('1');
    store.wish({ detail: 2 });
    expect(store.detail).toBeNull();
  });

  it('stays as it is while it is paused', async () => {
    await open();
    kernel.pushRows([rowOf(1, 'a')]);
    kernel.pushReadings([readingOf(1, 'old')], 1);
    store.wish({ paused: true });
    kernel.pushReadings([readingOf(1, 'new')], 2);
    expect(store.variables.get(1)?.reading?.text).toBe('old');
    store.wish({ paused: false });
    kernel.pushReadings([readingOf(1, 'newer')], 3);
    expect(store.variables.get(1)?.reading?.text).toBe('newer');
  });

  it('offers what the kernel knows, while it is there', async () => {
    await open();
    expect([store.can('reset'), store.can('other')]).toEqual([true, false]);
    kernel.setLink('lost');
    expect(store.can('reset')).toBe(false);
  });
});

describe('an action', () => {
  it('is done at once where the kernel answers at once', async () => {
    await open();
    kernel.pushState({ busy: true, answers: 'now' });
    kernel.answer = request => ok(request, null, 'Reset 3 variables.');
    store.act('Reset', reset);
    await vi.advanceTimersByTimeAsync(0);
    expect(store.outcome).toMatchObject({
      kind: 'done',
      reply: { text: 'Reset 3 variables.' }
    });
  });

  it('waits for the cell where the kernel answers after it', async () => {
    await open();
    kernel.pushState({ busy: true, answers: 'after_cell' });
    store.act('Reset', reset);
    expect(store.actions.waiting).toMatchObject([{ label: 'Reset' }]);
    expect(kernel.asked('reset')).toHaveLength(0);
    kernel.pushState({ busy: false });
    expect(store.actions.waiting).toHaveLength(0);
    expect(kernel.asked('reset')).toMatchObject([{ generation: 7 }]);
  });

  it('can be withdrawn while it waits', async () => {
    await open();
    kernel.pushState({ busy: true, answers: 'after_cell' });
    store.act('Reset', reset);
    const [action] = store.actions.waiting;
    if (action) {
      store.actions.withdraw(action);
    }
    kernel.pushState({ busy: false });
    expect(kernel.asked('reset')).toHaveLength(0);
  });

  it('is sent again with the token when the user confirms', async () => {
    await open();
    kernel.answer = request =>
      request.type === 'reset' && request.confirm !== 't'
        ? confirmation(request)
        : ok(request);
    store.act('Reset', reset);
    await vi.advanceTimersByTimeAsync(0);
    expect(store.actions.question?.confirm.text).toBe('Really?');
    store.actions.answer(true);
    await vi.advanceTimersByTimeAsync(0);
    expect(store.actions.question).toBeNull();
    expect(kernel.asked('reset')).toMatchObject([
      { generation: 7 },
      { generation: 7, confirm: 't' }
    ]);
    expect(store.outcome?.kind).toBe('done');
  });

  it('is dropped when the user does not confirm', async () => {
    await open();
    kernel.answer = confirmation;
    store.act('Reset', reset);
    await vi.advanceTimersByTimeAsync(0);
    store.actions.answer(false);
    await vi.advanceTimersByTimeAsync(0);
    expect(kernel.asked('reset')).toHaveLength(1);
    expect(store.outcome).toBeNull();
  });

  it('waits for the cell where the kernel cannot do it before', async () => {
    await open();
    kernel.pushState({ busy: true, answers: 'now' });
    kernel.answer = request => ({
      type: 'refused',
      version: 1,
      id: request.id,
      code: 'busy',
      message: 'the running cell has to end first'
    });
    store.act('Reset', reset);
    await vi.advanceTimersByTimeAsync(0);
    expect(store.actions.waiting).toHaveLength(1);
    kernel.pushState({ busy: true });
    expect(kernel.asked('reset')).toHaveLength(1);
    kernel.answer = request => ok(request);
    kernel.pushState({ busy: false });
    await vi.advanceTimersByTimeAsync(0);
    expect(kernel.asked('reset')).toHaveLength(2);
    expect(store.outcome?.kind).toBe('done');
  });

  it('says why it was refused', async () => {
    await open();
    kernel.answer = request => ({
      type: 'refused',
      version: 1,
      id: request.id,
      code: 'stale',
      message: 'moved on'
    });
    store.act('Reset', reset);
    await vi.advanceTimersByTimeAsync(0);
    expect(store.outcome).toMatchObject({
      kind: 'refused',
      reply: { code: 'stale' }
    });
  });

  it('is given up, and said to be, when the kernel goes', async () => {
    await open();
    kernel.answer = () => null;
    store.act('Reset', reset);
    kernel.setLink('lost');
    await vi.advanceTimersByTimeAsync(0);
    expect(store.outcome).toMatchObject({ kind: 'lost', label: 'Reset' });
    expect(store.actions.underway).toBe(0);
  });
});
