import type { ISessionContext } from '@jupyterlab/apputils';
import { Signal } from '@lumino/signaling';
import { Widget } from '@lumino/widgets';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { FakeConnection } from '../../__tests__/fake_connection';
import { Tracker } from '../tracker';

/**
 * A session context as JupyterLab has it.
 */
class FakeContext {
  constructor(kernel: FakeConnection | null) {
    this.session = { kernel };
  }

  readonly kernelChanged = new Signal<this, void>(this);
  readonly statusChanged = new Signal<this, void>(this);
  readonly propertyChanged = new Signal<this, void>(this);
  readonly session: { kernel: FakeConnection | null };

  change(kernel: FakeConnection | null): void {
    this.session.kernel = kernel;
    this.kernelChanged.emit();
  }
}

let tracker: Tracker;

function open(context: FakeContext): Widget {
  const widget = new Widget();
  tracker.add(widget, context as unknown as ISessionContext);
  return widget;
}

beforeEach(() => {
  tracker = new Tracker();
});

afterEach(() => {
  tracker.dispose();
});

describe('connections', () => {
  it('are one for each kernel, whoever uses it', () => {
    const shared = [new FakeConnection('a'), new FakeConnection('a')] as const;
    open(new FakeContext(shared[0]));
    open(new FakeContext(shared[1]));
    open(new FakeContext(new FakeConnection('b')));
    open(new FakeContext(null));
    expect(tracker.connections.map(({ kernel }) => kernel.id)).toEqual([
      'a',
      'b'
    ]);
    const [first] = tracker.connections;
    expect(first && tracker.sourcesOf(first)).toHaveLength(2);
  });

  it('go with the last that uses the kernel', () => {
    const kernel = new FakeConnection();
    const one = open(new FakeContext(kernel));
    const other = open(new FakeContext(kernel));
    const [connection] = tracker.connections;
    one.dispose();
    expect(connection?.isDisposed).toBe(false);
    other.dispose();
    expect(connection?.isDisposed).toBe(true);
    expect(tracker.connections).toEqual([]);
  });

  it('are made anew when the notebook is closed that they came from', () => {
    const [one, other] = [new FakeConnection(), new FakeConnection()];
    const first = open(new FakeContext(one));
    open(new FakeContext(other));
    first.dispose();
    one.dispose();
    expect(tracker.connections.map(({ kernel }) => kernel)).toEqual([other]);
  });

  it('follow a change of the kernel', () => {
    const context = new FakeContext(new FakeConnection('a'));
    open(context);
    context.change(new FakeConnection('b'));
    expect(tracker.connections.map(({ kernel }) => kernel.id)).toEqual(['b']);
    context.change(null);
    expect(tracker.connections).toEqual([]);
  });
});

describe('the current source', () => {
  it('is the notebook or console that was used last', () => {
    const widgets = [
      open(new FakeContext(new FakeConnection('a'))),
      open(new FakeContext(new FakeConnection('b')))
    ] as const;
    const changed = vi.fn();
    tracker.currentChanged.connect(changed);
    tracker.use(widgets[0]);
    tracker.use(new Widget());
    tracker.use(null);
    expect(tracker.current?.widget).toBe(widgets[0]);
    expect(tracker.connection?.kernel.id).toBe('a');
    tracker.use(widgets[1]);
    expect(tracker.connection?.kernel.id).toBe('b');
    expect(changed).toHaveBeenCalledTimes(2);
  });

  it('is none when it is closed', () => {
    const widget = open(new FakeContext(null));
    tracker.use(widget);
    widget.dispose();
    expect(tracker.current).toBeNull();
  });
});
