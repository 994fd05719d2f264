import type {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { StaleMarks } from '../stale/marks';
import { ISessions } from '../tokens';

/**
 * Marks stale cells in the notebook.
 */
export const stalePlugin: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-tfsession:stale',
  description: 'Marks notebook cells that use what other cells have replaced.',
  autoStart: true,
  requires: [ISessions],
  activate: (_: JupyterFrontEnd, sessions: ISessions) => {
    new StaleMarks(sessions.tracker, sessions.strings).update();
  }
};
