import type {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';
import type { State } from '../../protocol';
import { CommandIDs } from '../commands';
import { ISessions, ISessionsPanel } from '../tokens';

type Policy = State['guard'];
type Simple = 'close' | 'init' | 'redo' | 'reset' | 'undo';

const SIMPLE: readonly Simple[] = ['init', 'reset', 'undo', 'redo', 'close'];
const POLICIES: readonly Policy[] = ['keep', 'error', 'off'];

/**
 * None of the commands takes arguments.
 */
const NONE = { type: 'object', properties: {} } as const;

/**
 * What can be done from the palette, the menus and the keyboard.
 */
export const commandsPlugin: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-tfsession:commands',
  description: 'Commands on the TensorFlow sessions of the current notebook.',
  autoStart: true,
  requires: [ISessions, ISessionsPanel],
  optional: [ICommandPalette],
  activate: (
    app: JupyterFrontEnd,
    sessions: ISessions,
    panel: ISessionsPanel,
    palette: ICommandPalette | null
  ) => {
    const { commands, shell } = app;
    const { tracker, strings, stale } = sessions;
    const session = () => {
      const state = tracker.connection?.state;
      return (
        panel.view?.session ??
        state?.sessions.find(({ graph }) => graph === state.current) ??
        null
      );
    };
    const can = (request: string) =>
      tracker.connection?.state?.requests.includes(request) === true;
    const isPossible: Record<Simple, () => boolean> = {
      init: () => session() !== null,
      reset: () => session() !== null,
      undo: () => (session()?.undo ?? null) !== null,
      redo: () => (session()?.redo ?? null) !== null,
      close: () => session()?.state === 'open'
    };

    commands.addCommand(CommandIDs.show, {
      describedBy: { args: NONE },
      label: strings.show,
      execute: () => {
        shell.activateById(panel.id);
      }
    });
    commands.addCommand(CommandIDs.load, {
      describedBy: { args: NONE },
      label: strings.loadCommand,
      isEnabled: () => tracker.connection?.standing === 'absent',
      execute: () => tracker.connection?.load()
    });
    commands.addCommand(CommandIDs.rerunStale, {
      describedBy: { args: NONE },
      label: strings.rerunCommand,
      isEnabled: () => stale.cellsOf(tracker.connection).length > 0,
      execute: () => stale.rerun(stale.cellsOf(tracker.connection))
    });
    for (const type of SIMPLE) {
      commands.addCommand(CommandIDs[type], {
        describedBy: { args: NONE },
        label: strings[type],
        isEnabled: () => can(type) && isPossible[type](),
        execute: () => {
          // There it asks, and says what became of it.
          shell.activateById(panel.id);
          const { view } = panel;
          if (view?.session) {
            const { graph, generation } = view.session;
            const label = strings[type].replace(/…$/, '');
            view.act(label, { type, graph, generation });
          }
        }
      });
    }
    commands.addCommand(CommandIDs.snapshot, {
      describedBy: { args: NONE },
      label: strings.snapshot,
      isEnabled: () => can('snapshot') && (session()?.initialized ?? 0) > 0,
      execute: () => {
        shell.activateById(panel.id);
        const { view } = panel;
        if (view?.session) {
          const { graph } = view.session;
          view.act(strings.snapshot, { type: 'snapshot', graph, name: '' });
        }
      }
    });
    for (const policy of POLICIES) {
      commands.addCommand(CommandIDs.guard(policy), {
        describedBy: { args: NONE },
        label: strings.guard[policy],
        isEnabled: () => can('guard'),
        isToggleable: true,
        isToggled: () => tracker.connection?.state?.guard === policy,
        execute: () => {
          shell.activateById(panel.id);
          panel.view?.act(strings.guard[policy], { type: 'guard', policy });
        }
      });
    }
    const all = [
      CommandIDs.show,
      CommandIDs.load,
      CommandIDs.rerunStale,
      CommandIDs.snapshot,
      ...SIMPLE.map(type => CommandIDs[type]),
      ...POLICIES.map(CommandIDs.guard)
    ];
    const notify = () => {
      for (const command of all) {
        commands.notifyCommandChanged(command);
      }
    };
    tracker.changed.connect(notify);
    tracker.currentChanged.connect(notify);
    for (const command of all) {
      palette?.addItem({ command, category: strings.category });
    }
  }
};
