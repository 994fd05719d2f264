const PREFIX = 'jupyter-tfsession:subshell';

/**
 * A note in the browser that a page of it has something in a kernel.
 *
 * #### Notes
 * A page that crashes leaves its subshell in the kernel, and what a page sends as it
 * goes away may be lost. The note stays in the browser's storage until it is settled;
 * a lock, which the browser takes back from a page that is gone, tells whether the
 * page is there. Browsers have locks on https and on localhost only: elsewhere
 * nothing is noted.
 */
export class Claim {
  constructor(kernel: string, id: string) {
    this.id = id;
    this._name = `${PREFIX}:${kernel}:${id}`;
    const released = new Promise<void>(resolve => {
      this._release = resolve;
    });
    this._noted = this._note(released);
  }

  /**
   * What was left in a kernel by pages of this browser that are gone.
   */
  static async abandoned(kernel: string): Promise<readonly string[]> {
    try {
      const held = (await locks()?.query())?.held;
      const names = new Set(held?.map(lock => lock.name));
      const prefix = `${PREFIX}:${kernel}:`;
      return held === undefined
        ? []
        : Object.keys(localStorage)
            .filter(name => name.startsWith(prefix) && !names.has(name))
            .map(name => name.slice(prefix.length));
    } catch {
      return []; // a page that may not store anything
    }
  }

  readonly id: string;

  /**
   * Gives it up, as a page does that is gone; the note stays.
   */
  release(): void {
    this._release();
  }

  /**
   * Takes the note away: the kernel has it no more.
   */
  async settle(): Promise<void> {
    this._release();
    await this._noted;
    try {
      localStorage.removeItem(this._name);
    } catch {
      // Nothing was noted.
    }
  }

  /**
   * Resolves when it is noted, or is not going to be.
   */
  private async _note(released: Promise<void>): Promise<void> {
    const available = locks();
    if (available === undefined) {
      return;
    }
    // The lock comes first: a note without it means that the page is gone.
    await new Promise<void>(resolve => {
      const noted = () => {
        localStorage.setItem(this._name, '');
        resolve();
        return released;
      };
      available.request(this._name, noted).catch(() => {
        resolve(); // a page that may not store anything
      });
    });
  }

  private readonly _name: string;
  private readonly _noted: Promise<void>;
  private _release: () => void = () => undefined;
}

/**
 * The browser's locks; there are none outside a browser, or outside https.
 */
function locks(): LockManager | undefined {
  const { navigator } = globalThis as {
    navigator?: { locks?: LockManager | null };
  };
  return navigator?.locks ?? undefined;
}
