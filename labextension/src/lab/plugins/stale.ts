import type {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { INotebookTracker } from '@jupyterlab/notebook';
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
  optional: [INotebookTracker],
  activate: (
    _: JupyterFrontEnd,
    sessions: ISessions,
    notebooks: INotebookTracker | null
  ) => {
    const { tracker, strings } = sessions;
    const marks = new StaleMarks(tracker, strings);
    const update = () => {
      marks.update();
    };
    // A cell that is moved or comes back by undo is another widget.
    notebooks?.widgetAdded.connect((_, { content }) => {
      content.model?.cells.changed.connect(update);
      content.modelChanged.connect(() => {
        content.model?.cells.changed.connect(update);
      });
    });
  }
};
