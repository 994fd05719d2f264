import { vi } from 'vitest';
import { FakeKernel } from '../../__tests__/fake_kernel';
import { type IView, mount } from '..';

/**
 * A view in a page, with a kernel that is the test.
 */
export class Page {
  constructor() {
    // Nothing has a size in happy-dom.
    vi.spyOn(HTMLElement.prototype, 'clientHeight', 'get').mockReturnValue(400);
    vi.spyOn(HTMLElement.prototype, 'clientWidth', 'get').mockReturnValue(900);
    document.body.append(this.element);
    this.kernel.setLink('connected');
    this.view = mount(this.element, this.kernel);
  }

  readonly kernel = new FakeKernel();
  readonly element = document.createElement('div');
  readonly view: IView;

  close(): void {
    this.view.dispose();
    document.body.replaceChildren();
    vi.restoreAllMocks();
  }

  /** Waits until the page shows what it is to show. */
  async settled(): Promise<void> {
    for (let frame = 0; frame < 3; frame += 1) {
      await new Promise(resolve => setTimeout(resolve, 20));
    }
  }

  find(selector: string): HTMLElement {
    const found = this.element.querySelector<HTMLElement>(selector);
    if (found === null) {
      throw new Error(`nothing is ${selector} in ${this.element.innerHTML}`);
    }
    return found;
  }

  has(selector: string): boolean {
    return this.element.querySelector(selector) !== null;
  }

  /** The button that is called so, to a screen reader. */
  button(text: string): HTMLButtonElement {
    const found = [...this.element.querySelectorAll('button')].find(one =>
      (one.getAttribute('aria-label') ?? one.textContent ?? '').startsWith(text)
    );
    if (found === undefined) {
      throw new Error(`no button ${text}`);
    }
    return found;
  }

  async click(text: string): Promise<void> {
    this.button(text).click();
    await this.settled();
  }
}
