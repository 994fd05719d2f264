import type { ISessionContext } from '@jupyterlab/apputils';
import type { IDisposable } from '@lumino/disposable';
import { type ISignal, Signal } from '@lumino/signaling';
import type { Widget } from '@lumino/widgets';
import { Connection } from './connection';

/**
 * A notebook or console, and what it runs in.
 */
export interface ISource {
  readonly widget: Widget;
  readonly sessionContext: ISessionContext;
}

/**
 * Follows the notebooks and consoles of the page and their kernels.
 */
export class Tracker implements IDisposable {
  /** Told when another source is the current one. */
  get currentChanged(): ISignal<this, void> {
    return this._currentChanged;
  }

  /** Told when anything about a source or a connection has changed. */
  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /** Told of connections that are new. */
  get connected(): ISignal<this, Connection> {
    return this._connected;
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  /** The notebook or console that was used last. */
  get current(): ISource | null {
    return this._current;
  }

  /** The connection to the kernel of the current source. */
  get connection(): Connection | null {
    return this._current && this.connectionOf(this._current);
  }

  get connections(): readonly Connection[] {
    return [...this._connections.values()];
  }

  dispose(): void {
    if (this._isDisposed) {
      return;
    }
    this._isDisposed = true;
    for (const connection of this.connections) {
      connection.dispose();
    }
    this._connections.clear();
    this._sources.clear();
    Signal.clearData(this);
  }

  connectionOf(source: ISource): Connection | null {
    const id = source.sessionContext.session?.kernel?.id;
    return id === undefined ? null : (this._connections.get(id) ?? null);
  }

  /** The notebooks and consoles that use a kernel. */
  sourcesOf(connection: Connection): readonly ISource[] {
    return [...this._sources.values()].filter(
      source => this.connectionOf(source) === connection
    );
  }

  /**
   * Follows a notebook or console until it is disposed of.
   */
  add(widget: Widget, sessionContext: ISessionContext): void {
    const source = { widget, sessionContext };
    this._sources.set(widget, source);
    const update = () => {
      this._update();
    };
    sessionContext.kernelChanged.connect(update);
    sessionContext.statusChanged.connect(update);
    sessionContext.propertyChanged.connect(update);
    widget.disposed.connect(() => {
      sessionContext.kernelChanged.disconnect(update);
      sessionContext.statusChanged.disconnect(update);
      sessionContext.propertyChanged.disconnect(update);
      this._sources.delete(widget);
      if (this._current === source) {
        this._setCurrent(null);
      }
      this._update();
    });
    this._update();
  }

  /**
   * Makes a widget's source the current one, if the widget is one.
   */
  use(widget: Widget | null): void {
    const source = widget && this._sources.get(widget);
    if (source) {
      this._setCurrent(source);
    }
  }

  /**
   * Tells that a source has changed in a way that is not to be seen from here.
   */
  touch(): void {
    this._changed.emit();
  }

  private _setCurrent(source: ISource | null): void {
    if (source !== this._current) {
      this._current = source;
      this._currentChanged.emit();
    }
  }

  /**
   * Has a connection for each kernel that is used, and none for others.
   */
  private _update(): void {
    if (this._isDisposed) {
      return;
    }
    const used = new Map(
      [...this._sources.values()].flatMap(({ sessionContext }) => {
        const kernel = sessionContext.session?.kernel;
        return kernel && !kernel.isDisposed ? [[kernel.id, kernel]] : [];
      })
    );
    for (const [id, connection] of this._connections) {
      if (!used.has(id) || connection.kernel.isDisposed) {
        this._connections.delete(id);
        connection.dispose();
      }
    }
    for (const [id, kernel] of used) {
      if (!this._connections.has(id)) {
        const connection = new Connection(kernel);
        // Another notebook may use the kernel that this one was closed with.
        kernel.disposed.connect(this._update, this);
        this._connections.set(id, connection);
        connection.changed.connect(() => {
          this._changed.emit();
        });
        this._connected.emit(connection);
      }
    }
    this._changed.emit();
  }

  private readonly _sources = new Map<Widget, ISource>();
  private readonly _connections = new Map<string, Connection>();
  private readonly _currentChanged = new Signal<this, void>(this);
  private readonly _changed = new Signal<this, void>(this);
  private readonly _connected = new Signal<this, Connection>(this);
  private _current: ISource | null = null;
  private _isDisposed = false;
}
