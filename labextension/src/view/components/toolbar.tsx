import { count } from '../format';
import type { IVariable } from '../model/variables';
import type { Store } from '../model/store';
import { useStrings } from './context';

export interface IToolbarProps {
  readonly store: Store;
  readonly filter: string;
  readonly tree: boolean;
  readonly shown: number;
  /** What the buttons act on: ids, or `null` for all. */
  readonly targets: readonly number[] | null;
  readonly targetCount: number;
  /** The variable that Set is about. */
  readonly chosen: IVariable | null;
  readonly onFilter: (text: string) => void;
  readonly onTree: (tree: boolean) => void;
  readonly onSet: () => void;
}

/**
 * The filter, and what can be done.
 */
export function Toolbar(props: IToolbarProps) {
  const { store, filter, tree, chosen, targets, targetCount } = props;
  const strings = useStrings();
  const { session, wishes } = store;
  const total = store.variables.size;
  const act = (label: string, type: 'undo' | 'redo' | 'init' | 'reset') => {
    if (session === null) {
      return;
    }
    const about = { graph: session.graph, generation: session.generation };
    if (type === 'reset') {
      const variables = targets === null ? null : [...targets];
      store.act(label, { type, ...about, variables });
    } else {
      store.act(label, { type, ...about });
    }
  };
  const resetLabel = strings.resetLabel(targetCount);
  const undo = session?.undo ?? null;
  const redo = session?.redo ?? null;
  const undoLabel =
    undo === null
      ? strings.undoNothing
      : strings.undoLabel(undo.what, undo.variables);
  const redoLabel =
    redo === null
      ? strings.redoNothing
      : strings.redoLabel(redo.what, redo.variables);
  const missing = (session?.variables ?? 0) - (session?.initialized ?? 0);
  return (
    <div
      class="jp-tfsession-toolbar"
      role="toolbar"
      aria-label={strings.toolbar}
    >
      <input
        type="search"
        class="jp-tfsession-filter"
        value={filter}
        placeholder={strings.filter}
        aria-label={strings.filterHint}
        title={strings.filterHint}
        onInput={event => {
          props.onFilter(event.currentTarget.value);
        }}
      />
      <span class="jp-tfsession-weak">
        {filter === '' ? count(total) : strings.shown(props.shown, total)}
      </span>
      <Button
        text={strings.scopes}
        title={strings.scopesHint}
        pressed={tree}
        onClick={() => {
          props.onTree(!tree);
        }}
      />
      <Button
        text={wishes.paused ? strings.resume : strings.pause}
        title={wishes.paused ? strings.resumeHint : strings.pauseHint}
        disabled={store.transport.link === 'lost'}
        onClick={() => {
          store.wish({ paused: !wishes.paused });
        }}
      />
      {store.can('snapshots') && (
        <Button
          text={strings.snapshots}
          title={strings.snapshotsHint}
          expanded={store.snapshots.isOpen}
          onClick={() => {
            store.snapshots.show(!store.snapshots.isOpen);
          }}
        />
      )}
      <span class="jp-tfsession-space" />
      {store.can('init') && missing > 0 && (
        <Button
          text={strings.init}
          title={strings.initLabel}
          onClick={() => {
            act(strings.initLabel, 'init');
          }}
        />
      )}
      <Button
        text={strings.reset}
        title={strings.resetHint(targetCount)}
        disabled={!store.can('reset') || session === null || targetCount === 0}
        onClick={() => {
          act(resetLabel, 'reset');
        }}
      />
      <Button
        text={strings.set}
        title={
          chosen === null ? strings.setHint : strings.setLabel(chosen.row.name)
        }
        disabled={!store.can('set') || chosen?.row.unwritable !== ''}
        onClick={props.onSet}
      />
      <Button
        text={strings.undo}
        title={undoLabel}
        disabled={!store.can('undo') || undo === null}
        onClick={() => {
          act(undoLabel, 'undo');
        }}
      />
      <Button
        text={strings.redo}
        title={redoLabel}
        disabled={!store.can('redo') || redo === null}
        onClick={() => {
          act(redoLabel, 'redo');
        }}
      />
    </div>
  );
}

interface IButtonProps {
  readonly text: string;
  readonly title: string;
  /** What screen readers say, where the text is a sign. */
  readonly label?: string;
  readonly disabled?: boolean;
  readonly pressed?: boolean;
  /** Whether what it opens is open. */
  readonly expanded?: boolean;
  readonly onClick: () => void;
}

/**
 * A button as JupyterLab's own look.
 */
export function Button(props: IButtonProps) {
  return (
    <button
      type="button"
      class="jp-tfsession-button"
      title={props.title}
      disabled={props.disabled ?? false}
      aria-label={props.label}
      aria-pressed={props.pressed}
      aria-expanded={props.expanded}
      onClick={props.onClick}
    >
      {props.text}
    </button>
  );
}
