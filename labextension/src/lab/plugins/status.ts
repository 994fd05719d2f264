import type {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { IStatusBar } from '@jupyterlab/statusbar';
import { Signal } from '@lumino/signaling';
import { Widget } from '@lumino/widgets';
import { CommandIDs } from '../commands';
import { ISessions } from '../tokens';

/**
 * Tells in the status bar what the current kernel holds.
 */
export const statusPlugin: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-tfsession:status',
  description: 'Shows the TensorFlow sessions of the kernel in the status bar.',
  autoStart: true,
  requires: [ISessions],
  optional: [IStatusBar],
  activate: (
    app: JupyterFrontEnd,
    sessions: ISessions,
    bar: IStatusBar | null
  ) => {
    const { tracker, strings } = sessions;
    const node = document.createElement('button');
    node.type = 'button';
    node.title = strings.show;
    node.addEventListener('click', () => {
      void app.commands.execute(CommandIDs.show);
    });
    const item = new Widget({ node });
    item.addClass('jp-tfsession-status-item');
    const activeStateChanged = new Signal<Widget, void>(item);
    let text = '';
    const update = () => {
      const { connection } = tracker;
      const open = (connection?.state?.sessions ?? []).filter(
        ({ state }) => state === 'open'
      );
      const size = open.reduce((sum, { bytes }) => sum + bytes, 0);
      const sessions = strings.sessions(open.length);
      const before = text;
      text =
        open.length === 0
          ? ''
          : connection?.isRunning === true
            ? strings.statusLive(sessions, size)
            : strings.statusIdle(sessions, size);
      if (text !== before) {
        node.textContent = text;
        activeStateChanged.emit();
      }
    };
    tracker.changed.connect(update);
    tracker.currentChanged.connect(update);
    bar?.registerStatusItem(statusPlugin.id, {
      item,
      align: 'left',
      rank: 3,
      isActive: () => text !== '',
      activeStateChanged
    });
  }
};
