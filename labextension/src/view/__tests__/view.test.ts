import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  CPU,
  detailOf,
  FakeKernel,
  ok,
  readingOf,
  rowOf,
  sessionOf
} from '../../__tests__/fake_kernel';
import type { Request } from '../../protocol';
import { type IView, mount } from '..';
import { Page } from './page';

const HOSTILE =
  '<img src=x onerror="window.hacked = true"><script>hack()</script>';

let page: Page;
let kernel: FakeKernel;
let element: HTMLElement;
let view: IView;

beforeEach(() => {
  page = new Page();
  ({ kernel, element, view } = page);
});

afterEach(() => {
  view.dispose();
  page.close();
});

const settled = () => page.settled();
const find = (selector: string) => page.find(selector);
const button = (text: string) => page.button(text);

function names(): string[] {
  return [...element.querySelectorAll('.jp-tfsession-name')].map(
    name => name.textContent ?? ''
  );
}

async function type(filter: string): Promise<void> {
  const box = find('input[type=search]') as HTMLInputElement;
  box.value = filter;
  box.dispatchEvent(new Event('input', { bubbles: true }));
  await settled();
}

async function press(key: string): Promise<void> {
  find('[role=treegrid]').dispatchEvent(
    new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true })
  );
  await settled();
}

async function show(...all: string[]): Promise<void> {
  kernel.pushRows(all.map((name, id) => rowOf(id, name)));
  kernel.pushReadings(all.map((_, id) => readingOf(id, (10 - id).toString())));
  await settled();
}

describe('the table', () => {
  it('shows the variables in their scopes', async () => {
    await show('b', 'a/x', 'a/y');
    expect(names()).toEqual(['a/', 'x', 'y', 'b']);
  });

  it('shows only what matches the filter', async () => {
    await show('b', 'a/x', 'a/y');
    await type('a/*');
    expect(names()).toEqual(['a/', 'x', 'y']);
    await type('nothing');
    expect(find('.jp-tfsession-empty').textContent).toContain('No variable');
  });

  it('sorts by a column, and the other way round', async () => {
    await show('a', 'b', 'c');
    button('Value').click();
    await settled();
    expect(names()).toEqual(['c', 'b', 'a']);
    expect(
      find('.jp-tfsession-headers .jp-tfsession-column-value').ariaSort ??
        find('.jp-tfsession-headers .jp-tfsession-column-value').getAttribute(
          'aria-sort'
        )
    ).toBe('ascending');
    button('Value').click();
    await settled();
    expect(names()).toEqual(['a', 'b', 'c']);
  });

  it('has only rows in sight in the page', async () => {
    const many = Array.from({ length: 10_000 }, (_, id) => `v${id.toString()}`);
    kernel.pushRows(many.map((name, id) => rowOf(id, name)));
    await settled();
    expect(element.querySelectorAll('[role=row]').length).toBeLessThan(60);
    expect(find('[role=treegrid]').getAttribute('aria-rowcount')).toBe('10001');
    await new Promise(resolve => setTimeout(resolve, 300));
    const { rows } = kernel.asked('subscribe').pop() ?? {};
    expect(rows?.length).toBeGreaterThan(10);
    expect(rows?.length).toBeLessThan(60);
  });

  it('shows names and values as text, whatever they are', async () => {
    kernel.pushRows([
      rowOf(0, HOSTILE, { requested: HOSTILE, dtype: HOSTILE })
    ]);
    kernel.pushReadings([
      readingOf(0, HOSTILE, { note: HOSTILE, device: HOSTILE })
    ]);
    kernel.pushState({ sessions: [sessionOf({ name: HOSTILE })] });
    await settled();
    await press('ArrowDown');
    await press('Enter');
    kernel.push(detailOf(readingOf(0, HOSTILE), { text: HOSTILE }));
    await settled();
    expect(element.querySelector('img, script')).toBeNull();
    expect(find('.jp-tfsession-detail h3').textContent).toBe(HOSTILE);
    expect(find('.jp-tfsession-value').textContent).toBe(HOSTILE);
  });

  it('marks a device that was asked for and not given', async () => {
    kernel.pushRows([
      rowOf(0, 'a', { requested: '/device:GPU:0' }),
      rowOf(1, 'b', { requested: '/cpu:0' }),
      rowOf(2, 'c', { requested: '/job:localhost/device:CPU:*' })
    ]);
    kernel.pushReadings(
      [0, 1, 2].map(id => readingOf(id, '1', { device: CPU }))
    );
    await settled();
    const refused = element.querySelectorAll(
      '.jp-tfsession-device.jp-mod-refused'
    );
    expect([...refused].map(one => one.textContent)).toEqual(['CPU:0 ≠ GPU:0']);
  });

  it('is loud about NaN', async () => {
    kernel.pushRows([rowOf(0, 'a')]);
    kernel.pushReadings([
      readingOf(0, 'mean 1', {
        summary: {
          elements: 6,
          sampled: 6,
          mean: 1,
          std: 0,
          min: 1,
          max: 1,
          nan: 2,
          inf: 0,
          zeros: 0
        }
      })
    ]);
    await settled();
    expect(find('.jp-tfsession-alarm').textContent).toBe('2 NaN');
  });
});

describe('the keyboard', () => {
  it('moves, folds and unfolds', async () => {
    await show('a/x', 'a/y', 'b');
    find('[role=treegrid]').focus();
    await press('Home');
    await press('ArrowLeft');
    expect(names()).toEqual(['a/', 'b']);
    expect(find('.jp-mod-active').getAttribute('aria-expanded')).toBe('false');
    await press('ArrowRight');
    await press('ArrowRight');
    expect(find('.jp-mod-active .jp-tfsession-name').textContent).toBe('x');
    await press('End');
    expect(find('.jp-mod-active .jp-tfsession-name').textContent).toBe('b');
    const active = find('[role=treegrid]').getAttribute(
      'aria-activedescendant'
    );
    expect(find('.jp-mod-active').id).toBe(active);
  });

  it('opens the detail of a variable, and Escape closes it', async () => {
    await show('a', 'b');
    await press('ArrowDown');
    await press('Enter');
    await new Promise(resolve => setTimeout(resolve, 200));
    expect(kernel.asked('subscribe').pop()?.detail).toBe(0);
    kernel.push(detailOf(readingOf(0, '1')));
    await settled();
    expect(find('.jp-tfsession-detail h3').textContent).toBe('a');
    expect(element.querySelectorAll('.jp-tfsession-plot')).toHaveLength(3);
    find('.jp-tfsession-detail').dispatchEvent(
      new KeyboardEvent('keydown', { key: 'Escape', bubbles: true })
    );
    await settled();
    expect(element.querySelector('.jp-tfsession-detail')).toBeNull();
  });

  it('chooses variables for the buttons', async () => {
    await show('a', 'b', 'c');
    await press('Home');
    await press(' ');
    kernel.answer = request => ok(request, null, 'done');
    button('Reset').click();
    await settled();
    expect(kernel.asked('reset')).toMatchObject([
      { variables: [0], generation: 7, graph: 1 }
    ]);
  });
});

describe('buttons', () => {
  it('ask before they overwrite, and say what undo gives back', async () => {
    await show('a');
    kernel.answer = (request: Request) =>
      request.type === 'reset' && !request.confirm
        ? {
            type: 'refused',
            version: 1,
            id: request.id,
            code: 'confirm',
            message: '',
            confirm: {
              token: 't',
              variables: 1,
              bytes: 2048,
              undo: true,
              text: 'Reset a?'
            }
          }
        : ok(request, null, 'Reset 1 variable.');
    button('Reset').click();
    await settled();
    const dialog = find('dialog');
    expect(dialog.textContent).toContain('Reset a?');
    expect(dialog.textContent).toContain('Undo will give these values back');
    button('Overwrite').click();
    await settled();
    expect(element.querySelector('dialog')).toBeNull();
    expect(kernel.asked('reset')[1]).toMatchObject({ confirm: 't' });
    expect(find('.jp-tfsession-messages').textContent).toContain(
      'Reset 1 variable.'
    );
  });

  it('say that they wait, and can be withdrawn', async () => {
    await show('a');
    kernel.pushState({ busy: true, cell: '[4]', answers: 'after_cell' });
    await settled();
    expect(find('.jp-tfsession-life').textContent).toContain(
      'Cell [4] is running: buttons wait'
    );
    button('Reset').click();
    await settled();
    expect(find('.jp-tfsession-messages').textContent).toContain('waits');
    button('Withdraw').click();
    kernel.pushState({ busy: false });
    await settled();
    expect(kernel.asked('reset')).toHaveLength(0);
  });

  it('set a variable to what was typed', async () => {
    await show('a');
    await press('Home');
    await press('Enter');
    button('Set').click();
    await settled();
    const field = find('textarea') as HTMLTextAreaElement;
    field.value = '[1, NaN]';
    field.dispatchEvent(new Event('input', { bubbles: true }));
    await settled();
    find('form').dispatchEvent(new Event('submit', { cancelable: true }));
    await settled();
    expect(kernel.asked('set')).toMatchObject([
      { variable: 0, value: '[1, NaN]' }
    ]);
  });

  it('are not to be had without a kernel', async () => {
    await show('a');
    kernel.setLink('lost');
    await settled();
    expect(button('Reset').disabled).toBe(true);
    expect(button('Undo').disabled).toBe(true);
    expect(find('.jp-tfsession-life').textContent).toContain(
      'Not connected: values as of'
    );
    expect(names()).toEqual(['a']);
  });
});

describe('a view', () => {
  it('takes new choices and keeps what the user did', async () => {
    await show('a/x', 'a/y', 'b');
    await press('Home');
    await press('ArrowLeft');
    view.choose({ filter: 'b', interval: 5 });
    await settled();
    expect(names()).toEqual(['b']);
    view.choose({ filter: '', interval: 5 });
    await settled();
    expect(names()).toEqual(['a/', 'b']); // folded, as it was
    await type('a/*');
    view.choose({ filter: 'b', interval: 5 });
    await settled();
    expect(names()).toEqual(['a/', 'x', 'y']);
    await vi.waitFor(() => {
      expect(kernel.asked('subscribe').pop()).toMatchObject({ interval: 5 });
    });
  });

  it('leaves nothing behind', () => {
    view.dispose();
    expect(element.childElementCount).toBe(0);
    expect(kernel.isDisposed).toBe(true);
  });

  it('is translated', async () => {
    view.dispose();
    kernel = new FakeKernel();
    view = mount(element, kernel, {
      translator: { __: text => `«${text}»`, _n: (_, many) => `«${many}»` }
    });
    await settled();
    const texts = [...element.querySelectorAll('button')].map(
      one => one.textContent ?? ''
    );
    expect(texts.length).toBeGreaterThan(5);
    expect(texts.filter(text => !text.startsWith('«'))).toEqual([]);
  });
});
