import type { ISettingRegistry } from '@jupyterlab/settingregistry';
import type { IDisposable } from '@lumino/disposable';
import { type ISignal, Signal } from '@lumino/signaling';
import type { Confirm } from '../protocol';

/**
 * What the user chose; see `schema/plugin.json`.
 */
export interface IChoices {
  /** Seconds between readings. */
  readonly interval: number;
  readonly filter: string;
  readonly confirm: 'always' | 'unlessUndo';
  readonly autoLoad: boolean;
}

const DEFAULTS: IChoices = {
  interval: 1,
  filter: '',
  confirm: 'always',
  autoLoad: false
};

/**
 * The settings, which are the defaults until they are read.
 */
export class Settings implements IDisposable {
  /** Told when they have changed. */
  get changed(): ISignal<this, void> {
    return this._changed;
  }

  get choices(): IChoices {
    return this._choices;
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  dispose(): void {
    this._isDisposed = true;
    Signal.clearData(this);
  }

  /**
   * Takes the settings from the registry, now and whenever they change.
   */
  follow(settings: ISettingRegistry.ISettings): void {
    const update = () => {
      if (!this._isDisposed) {
        // The registry validates them against the schema.
        this._choices = {
          ...DEFAULTS,
          ...(settings.composite as Partial<IChoices>)
        };
        this._changed.emit();
      }
    };
    settings.changed.connect(update);
    update();
  }

  /** Whether the user wants to be asked before values are overwritten. */
  asks(confirm: Confirm): boolean {
    return this._choices.confirm === 'always' || !confirm.undo;
  }

  private readonly _changed = new Signal<this, void>(this);
  private _choices = DEFAULTS;
  private _isDisposed = false;
}
