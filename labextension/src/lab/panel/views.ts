import { type ISignal, Signal } from '@lumino/signaling';
import type { IDisposable } from '@lumino/disposable';
import { SharedTransport } from '../../transport/shared';
import { type ITranslator, type IView, mount } from '../../view';
import type { Connection } from '../connection';
import type { Settings } from '../settings';

/**
 * The views of the kernels that were looked at, of which one is shown.
 *
 * #### Notes
 * A view that is not shown lives on, with what the user had typed and folded and
 * with what waits for a cell. It reads no values meanwhile.
 */
export class Views implements IDisposable {
  constructor(host: HTMLElement, settings: Settings, translator: ITranslator) {
    this._host = host;
    this._settings = settings;
    this._translator = translator;
    settings.changed.connect(this._onSettings, this);
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  /** Told when there is another view. */
  get mounted(): ISignal<this, void> {
    return this._mounted;
  }

  dispose(): void {
    if (!this._isDisposed) {
      this._isDisposed = true;
      this._settings.changed.disconnect(this._onSettings, this);
      for (const connection of [...this._pages.keys()]) {
        this._drop(connection);
      }
      Signal.clearData(this);
    }
  }

  /** The view of a kernel, if it was looked at. */
  of(connection: Connection): IView | null {
    return this._pages.get(connection)?.view ?? null;
  }

  /**
   * Shows the view of one kernel only, or none.
   */
  show(connection: Connection | null, visible: boolean): void {
    if (connection !== null && connection.standing === 'connected') {
      this._have(connection);
    }
    for (const [other, { element }] of this._pages) {
      element.hidden = other !== connection || !visible;
    }
  }

  private _have(connection: Connection): void {
    const page = this._pages.get(connection);
    if (page?.life === connection.life) {
      return;
    }
    if (page !== undefined) {
      this._drop(connection);
    }
    const { filter, interval } = this._settings.choices;
    const element = document.createElement('div');
    element.className = 'jp-tfsession-page';
    this._host.append(element);
    const view = mount(element, new SharedTransport(connection.transport), {
      fill: true,
      translator: this._translator,
      filter,
      interval,
      asks: confirm => this._settings.asks(confirm)
    });
    this._pages.set(connection, { view, element, life: connection.life });
    connection.changed.connect(this._onChange, this);
    this._mounted.emit();
  }

  private _drop(connection: Connection): void {
    const page = this._pages.get(connection);
    if (page !== undefined) {
      this._pages.delete(connection);
      connection.changed.disconnect(this._onChange, this);
      page.view.dispose();
      page.element.remove();
    }
  }

  private _onChange(connection: Connection): void {
    if (connection.isDisposed) {
      this._drop(connection);
    }
  }

  private _onSettings(): void {
    for (const { view } of this._pages.values()) {
      view.choose(this._settings.choices);
    }
  }

  private readonly _host: HTMLElement;
  private readonly _settings: Settings;
  private readonly _translator: ITranslator;
  private readonly _pages = new Map<Connection, Private.IPage>();
  private readonly _mounted = new Signal<this, void>(this);
  private _isDisposed = false;
}

namespace Private {
  export interface IPage {
    readonly view: IView;
    readonly element: HTMLElement;
    /** Which of the kernel's lives it shows. */
    readonly life: number;
  }
}
