import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ok, planOf, snapshotOf } from '../../__tests__/fake_kernel';
import type {
  Reply,
  Request,
  RestorePlan,
  StoredSnapshot
} from '../../protocol';
import { Page } from './page';

const HOSTILE = '<img src=x onerror="window.hacked = true">';

let page: Page;
let kept: StoredSnapshot[];
let plan: (request: Request) => RestorePlan;

beforeEach(async () => {
  page = new Page();
  kept = [snapshotOf('best'), snapshotOf('older')];
  plan = () => planOf(snapshotOf('best'));
  page.kernel.answer = answer;
  page.kernel.pushState({});
  await page.settled();
  await page.click('Snapshots');
});

afterEach(() => {
  page.close();
});

function answer(request: Request): Reply | null {
  switch (request.type) {
    case 'subscribe':
      return ok(request, page.kernel.state);
    case 'snapshots':
      return ok(request, {
        type: 'snapshots',
        version: 1,
        root: '/home/snapshots',
        total: kept.length,
        snapshots: kept
      });
    case 'snapshot':
      kept = [snapshotOf(request.name ?? ''), ...kept];
      return ok(request, null, `kept as ${request.name ?? ''}`);
    case 'plan':
      return ok(request, plan(request));
    case 'restore':
      return request.confirm ? ok(request, null, 'restored') : confirm(request);
    default:
      return null;
  }
}

function confirm(request: Request, variables = 1): Reply {
  return {
    type: 'refused',
    version: 1,
    id: request.id,
    code: 'confirm',
    message: '',
    confirm: { token: 't', variables, bytes: 24, undo: true, text: 'Sure?' }
  };
}

function list(): string[] {
  return [...page.element.querySelectorAll('.jp-tfsession-kept li b')].map(
    name => name.textContent ?? ''
  );
}

/** Ticks a choice of the dialog. */
async function choose(text: string): Promise<void> {
  const label = [...page.element.querySelectorAll('dialog label')].find(one =>
    one.textContent?.includes(text)
  );
  const box = label?.querySelector('input');
  if (!box) {
    throw new Error(`no choice ${text}`);
  }
  box.checked = !box.checked;
  box.dispatchEvent(new Event('change', { bubbles: true }));
  await page.settled();
}

async function accept(): Promise<void> {
  const event = new Event('submit', { cancelable: true });
  page.find('dialog form').dispatchEvent(event);
  await page.settled();
}

describe('the snapshots', () => {
  it('are asked for when they are shown, and not before', async () => {
    expect(list()).toEqual(['best', 'older']);
    expect(page.find('.jp-tfsession-kept').textContent).toContain(
      '3 variables · 2.0 KiB'
    );
    await page.click('Snapshots');
    expect(page.has('.jp-tfsession-snapshots')).toBe(false);
    expect(page.kernel.asked('snapshots')).toHaveLength(1);
  });

  it('are listed anew when one was taken, and when a cell has ended', async () => {
    const field = page.find('.jp-tfsession-field') as HTMLInputElement;
    field.value = ' new ';
    field.dispatchEvent(new Event('input', { bubbles: true }));
    await page.settled();
    const enter = { key: 'Enter', bubbles: true, cancelable: true };
    field.dispatchEvent(new KeyboardEvent('keydown', enter));
    await page.settled();
    expect(page.kernel.asked('snapshot')).toMatchObject([
      { name: 'new', graph: 1 }
    ]);
    expect(list()).toEqual(['new', 'best', 'older']);
    expect(field.value).toBe('');
    kept = [snapshotOf('of a cell')];
    page.kernel.pushState({ busy: true });
    page.kernel.pushState({ busy: false });
    await page.settled();
    expect(list()).toEqual(['of a cell']);
  });

  it('say what is refused', async () => {
    page.kernel.answer = request => ({
      type: 'refused',
      version: 1,
      id: request.id,
      code: 'invalid',
      message: 'the disk failed'
    });
    await page.click('Compare with best');
    expect(page.find('[role=alert]').textContent).toBe('the disk failed');
    expect(page.has('.jp-tfsession-difference')).toBe(false);
  });

  it('that are damaged are listed and cannot be used', async () => {
    kept = [snapshotOf('best', { damage: HOSTILE, kind: 'autosave' })];
    await page.click('Snapshots');
    await page.click('Snapshots');
    const text = page.find('.jp-tfsession-kept').textContent;
    expect(text).toContain(`damaged: ${HOSTILE}`);
    expect(text).toContain('autosave');
    expect(page.has('img')).toBe(false);
    expect(page.button('Restore best').disabled).toBe(true);
  });

  it('go away with Escape', async () => {
    page
      .find('.jp-tfsession-field')
      .dispatchEvent(
        new KeyboardEvent('keydown', { key: 'Escape', bubbles: true })
      );
    await page.settled();
    expect(page.has('.jp-tfsession-snapshots')).toBe(false);
  });
});

describe('a comparison', () => {
  it('has a bar for each variable, as long as it moved', async () => {
    const numbers = { changed: 4, strange: 0, why: '' };
    page.kernel.answer = request =>
      ok(request, {
        type: 'diff',
        version: 1,
        graph: 1,
        snapshot: snapshotOf('best'),
        time: 1_700_000_000,
        moved: 9,
        same: 2,
        only_before: 0,
        only_now: 1,
        furthest: [
          { name: 'z', norm: 1, relative: 'Infinity', largest: 1, ...numbers },
          { name: HOSTILE, norm: 3, relative: 0.5, largest: 2, ...numbers },
          { name: 'b', norm: 1, relative: 0.25, largest: 1, ...numbers },
          { name: 's', norm: null, relative: null, largest: null, ...numbers }
        ]
      });
    await page.click('Compare with best');
    const rows = [...page.element.querySelectorAll('tbody tr')];
    expect(
      rows.map(row => row.querySelector('rect')?.getAttribute('width'))
    ).toEqual(['100', '100', '50', undefined]);
    expect(rows[0]?.querySelector('svg')?.getAttribute('aria-label')).not.toBe(
      ''
    );
    expect(rows[1]?.textContent).toContain(HOSTILE);
    expect(rows[3]?.textContent).toContain('4 elements changed');
    const text = page.find('.jp-tfsession-difference').textContent;
    expect(text).toContain('9 moved, 2 did not, 1 only now');
    expect(text).toContain('5 more moved less far');
  });
});

describe('a restore', () => {
  it('shows its plan first, and is not asked for twice', async () => {
    await page.click('Restore best');
    const dialog = page.find('dialog');
    expect(dialog.textContent).toContain('1 value fits');
    expect(dialog.textContent).toContain('Overwrites 1 variable (24 B)');
    expect(dialog.textContent).toContain('Undo will give these values back');
    expect(page.kernel.asked('restore')).toHaveLength(0);
    await accept();
    expect(page.kernel.asked('restore')).toMatchObject([
      { snapshot: 'id-of-best', generation: 7, partial: false },
      { snapshot: 'id-of-best', generation: 7, confirm: 't' }
    ]);
    expect(page.has('dialog')).toBe(false);
    expect(page.find('.jp-tfsession-messages').textContent).toContain(
      'restored'
    );
  });

  it('is asked for again where the plan is not true any more', async () => {
    page.kernel.answer = request =>
      request.type === 'restore' && !request.confirm
        ? confirm(request, 2)
        : answer(request);
    await page.click('Restore best');
    await accept();
    expect(page.find('dialog').textContent).toContain('Sure?');
    await page.click('Cancel');
    expect(page.kernel.asked('restore')).toHaveLength(1);
  });

  it('can be given up', async () => {
    await page.click('Restore best');
    await page.click('Cancel');
    expect(page.has('dialog')).toBe(false);
    expect(page.kernel.asked('restore')).toHaveLength(0);
  });

  it('leaves something out only if that is chosen', async () => {
    plan = request =>
      planOf(snapshotOf('best'), {
        ...(request.type === 'plan' && request.similar
          ? { matching: 1, renamed: 1, missing: 0 }
          : { missing: 1 }),
        mismatched: 1,
        similar: 1,
        fates: [
          { name: 'w', variable: '', what: 'mismatched', why: HOSTILE },
          { name: 'd/k', variable: '', what: 'missing', why: 'd_1/k' }
        ]
      });
    await page.click('Restore best');
    const text = page.find('dialog').textContent;
    expect(text).toContain('1 value does not fit its variable');
    expect(text).toContain('d_1/k may be meant');
    expect(text).toContain(HOSTILE);
    const button = () => page.find('dialog [type=submit]') as HTMLButtonElement;
    expect(button().disabled).toBe(true);
    await choose('Use the name that may be meant');
    expect(page.kernel.asked('plan').pop()).toMatchObject({ similar: true });
    expect(button().disabled).toBe(true);
    await choose('Restore the 2 that fit');
    expect(button().disabled).toBe(false);
    await accept();
    expect(page.kernel.asked('restore')[0]).toMatchObject({
      similar: true,
      partial: true
    });
  });

  it('of what has no place is not to be had', async () => {
    plan = () =>
      planOf(snapshotOf('best'), { matching: 0, missing: 3, fates: [] });
    await page.click('Restore best');
    expect(page.find('dialog').textContent).toContain('run the cells');
    expect(
      (page.find('dialog [type=submit]') as HTMLButtonElement).disabled
    ).toBe(true);
  });
});
