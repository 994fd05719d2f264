import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ok, sessionOf } from '../../__tests__/fake_kernel';
import { Page } from './page';

let page: Page;

beforeEach(async () => {
  page = new Page();
  await page.settled(); // what it asks first is answered
  const section = (name: string, began: string, current: boolean) => ({
    section: { name, began, current }
  });
  page.kernel.pushState({
    sessions: [
      sessionOf({ graph: 1, name: 'graph-1', ...section('intro', '', false) }),
      sessionOf({ graph: 2, name: 'graph-2', ...section('cnn', '[5]', true) })
    ],
    current: 2
  });
  await page.settled();
});

afterEach(() => {
  page.close();
});

async function choose(graph: string): Promise<void> {
  const select = page.find('select') as HTMLSelectElement;
  select.value = graph;
  select.dispatchEvent(new Event('change', { bubbles: true }));
  await page.settled();
}

describe('sections', () => {
  it('are told with the sessions that belong to them', () => {
    const options = [...page.element.querySelectorAll('option')];
    expect(options.map(option => option.textContent)).toEqual([
      'graph-1 (intro)',
      'graph-2 (cnn, begun in [5])'
    ]);
    expect(page.element.textContent).not.toContain('Go on here');
  });

  it('are entered with a button', async () => {
    page.kernel.answer = request =>
      request.type === 'enter' ? ok(request, null, 'entered intro') : null;
    await choose('1');
    await page.click('Go on here');
    expect(page.kernel.asked('enter')).toMatchObject([{ graph: 1 }]);
    expect(page.find('.jp-tfsession-messages').textContent).toContain(
      'entered intro'
    );
  });

  it('are entered when the running cell has ended', async () => {
    page.kernel.answer = request =>
      request.type === 'enter'
        ? {
            type: 'refused',
            version: 1,
            id: request.id,
            code: 'busy',
            message: '',
            confirm: null
          }
        : null;
    await choose('1');
    await page.click('Go on here');
    page.kernel.answer = request =>
      request.type === 'enter' ? ok(request, null, 'entered intro') : null;
    page.kernel.pushState({ ...page.kernel.state, busy: false });
    await page.settled();
    expect(page.kernel.asked('enter')).toHaveLength(2);
  });
});
