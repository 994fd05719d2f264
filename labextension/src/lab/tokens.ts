import { Token } from '@lumino/coreutils';
import type { ITranslator } from '../view';
import type { SessionsPanel } from './panel/panel';
import type { Settings } from './settings';
import type { StaleActions } from './stale/actions';
import type { Strings } from './strings';
import type { Tracker } from './tracker';

/**
 * What all plugins share.
 */
export interface ISessions {
  readonly tracker: Tracker;
  readonly settings: Settings;
  readonly stale: StaleActions;
  readonly strings: Strings;
  readonly trans: ITranslator;
}

export const ISessions = new Token<ISessions>(
  'jupyter-tfsession:ISessions',
  'The TensorFlow sessions of the kernels of this page.'
);

export type ISessionsPanel = SessionsPanel;

export const ISessionsPanel = new Token<ISessionsPanel>(
  'jupyter-tfsession:ISessionsPanel',
  'The sidebar with TensorFlow sessions.'
);
