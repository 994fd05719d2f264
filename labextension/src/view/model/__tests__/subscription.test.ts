import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ok, stateOf } from '../../../__tests__/fake_kernel';
import { FakeModel } from '../../../__tests__/fake_model';
import { WidgetTransport } from '../../../transport/anywidget';
import { Store } from '../store';

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

describe('a view that nobody touches', () => {
  it('finds out that its idle kernel is gone', async () => {
    const model = new FakeModel();
    const transport = new WidgetTransport(model);
    const store = new Store(transport);
    model.trigger('msg:custom', stateOf());
    for (const request of model.sent) {
      model.trigger('msg:custom', ok(request));
    }
    await vi.advanceTimersByTimeAsync(15_000);
    expect(transport.link).toBe('connected');
    await vi.advanceTimersByTimeAsync(15_000); // a restart tells it nothing
    expect(transport.link).toBe('lost');
    store.dispose();
  });
});
