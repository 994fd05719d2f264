import type { Message } from '@lumino/messaging';
import { Widget } from '@lumino/widgets';
import { h, render } from 'preact';
import type { ITranslator, IView } from '../../view';
import type { Connection } from '../connection';
import type { Settings } from '../settings';
import { noticeOf, type Situation, situationOf } from '../situation';
import type { StaleActions } from '../stale/actions';
import type { Strings } from '../strings';
import type { Tracker } from '../tracker';
import { Frame } from './frame';
import { Views } from './views';

/**
 * The sidebar: what the kernel of the current notebook or console holds.
 */
export class SessionsPanel extends Widget {
  constructor(options: SessionsPanel.IOptions) {
    super();
    this._options = options;
    this.id = 'jp-tfsession-panel';
    this.addClass('jp-tfsession-panel');
    const { caption } = options.strings;
    this.title.caption = caption;
    this.node.setAttribute('role', 'region');
    this.node.setAttribute('aria-label', caption);
    this._frame = document.createElement('div');
    const host = document.createElement('div');
    host.className = 'jp-tfsession-pages';
    this.node.append(this._frame, host);
    this._views = new Views(host, options.settings, options.translator);
    options.tracker.changed.connect(this._onChange, this);
    options.tracker.currentChanged.connect(this._onChange, this);
  }

  /** How things stand in the current notebook or console. */
  get situation(): Situation {
    return this._situationOf(this._options.tracker.connection);
  }

  /** The view that is shown. */
  get view(): IView | null {
    const { connection } = this._options.tracker;
    return connection && this._views.of(connection);
  }

  override dispose(): void {
    if (!this.isDisposed) {
      cancelAnimationFrame(this._drawing);
      render(null, this._frame);
      this._views.dispose();
      super.dispose();
    }
  }

  protected override onAfterShow(message: Message): void {
    super.onAfterShow(message);
    this._draw();
  }

  protected override onAfterAttach(message: Message): void {
    super.onAfterAttach(message);
    this._draw();
  }

  protected override onActivateRequest(message: Message): void {
    super.onActivateRequest(message);
    this.node.querySelector<HTMLElement>('input, button')?.focus();
  }

  private _onChange(): void {
    if (this.isVisible && !this.isDisposed) {
      this._drawing ||= requestAnimationFrame(() => {
        this._draw();
      });
    }
  }

  private _draw(): void {
    cancelAnimationFrame(this._drawing);
    this._drawing = 0;
    if (!this.isVisible) {
      return; // nobody looks, so nothing is asked of the kernel
    }
    const { tracker, strings, stale } = this._options;
    const { connection, current } = tracker;
    const situation = this._situationOf(connection);
    const hasState = (connection?.state ?? null) !== null;
    const hasValues =
      situation === 'connected' || (situation === 'disconnected' && hasState);
    this._views.show(connection, hasValues);
    render(
      h(Frame, {
        strings,
        name: current?.widget.title.label ?? strings.title,
        notice: noticeOf(situation, strings, connection?.failure?.text),
        lostAt: connection?.lostAt ?? null,
        stale: stale.cellsOf(connection),
        onMenu: this._options.onMenu,
        onLoad: () => {
          void connection?.load();
        },
        onGoTo: cell => {
          void stale.goTo(cell);
        },
        onRerun: cells => {
          void stale.rerun(cells);
        }
      }),
      this._frame
    );
  }

  private _situationOf(connection: Connection | null): Situation {
    const context = this._options.tracker.current?.sessionContext;
    return situationOf(
      context
        ? {
            isReady: context.isReady,
            hasKernel: Boolean(context.session?.kernel)
          }
        : null,
      connection && {
        failure: connection.failure,
        isLoading: connection.isLoading,
        standing: connection.standing,
        state: connection.state,
        waits: connection.transport.waits
      }
    );
  }

  private readonly _options: SessionsPanel.IOptions;
  private readonly _frame: HTMLElement;
  private readonly _views: Views;
  private _drawing = 0;
}

export namespace SessionsPanel {
  export interface IOptions {
    readonly tracker: Tracker;
    readonly settings: Settings;
    readonly stale: StaleActions;
    readonly strings: Strings;
    /** Translates the texts of the view. */
    readonly translator: ITranslator;
    /** Opens the menu at a button. */
    readonly onMenu: (button: HTMLElement) => void;
  }
}
