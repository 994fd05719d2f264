import { useMemo, useState } from 'preact/hooks';
import { type ISorting, sorted } from '../model/columns';
import { nameFilter } from '../model/filter';
import type { Store } from '../model/store';
import { flat, type Line, nested } from '../model/tree';
import type { Strings } from '../strings';
import { useStore, useStrings } from './context';
import { Detail } from './detail';
import { Devices } from './devices';
import { ConfirmDialog, SetDialog } from './dialogs';
import { Messages } from './messages';
import { RestoreDialog } from './restore';
import { Snapshots } from './snapshots';
import { Status } from './status';
import { Table } from './table';
import { Toolbar } from './toolbar';

/**
 * With more variables than this, only those in sight are read.
 */
const READ_ALL = 1000;

/**
 * The whole view.
 */
export function App(props: {
  readonly store: Store;
  readonly id: string;
  /** The filter until the user types one. */
  readonly filter: string;
}) {
  const { store, id } = props;
  const strings = useStrings();
  useStore(store);
  const [typed, setTyped] = useState<string | null>(null);
  const filter = typed ?? props.filter;
  const [sorting, setSorting] = useState<ISorting>({
    column: 'name',
    descending: false
  });
  const [tree, setTree] = useState(true);
  const [closed, setClosed] = useState<ReadonlySet<string>>(new Set());
  const [active, setActive] = useState<string | null>(null);
  const [selected, setSelected] = useState<ReadonlySet<number>>(new Set());
  const [setting, setSetting] = useState(false);
  const [said, setSaid] = useState('');

  const { variables, session, wishes } = store;
  const readings = sorting.column === 'name' ? 0 : variables.readingsRevision;
  const matching = useMemo(() => {
    const matches = nameFilter(filter);
    const found = variables.all().filter(({ row }) => matches(row.name));
    return sorted(found, sorting);
  }, [variables, variables.rowsRevision, readings, filter, sorting]);
  const lines = useMemo(
    () =>
      tree
        ? nested(matching, path => filter !== '' || !closed.has(path))
        : flat(matching),
    [matching, tree, closed, filter]
  );

  const chosen =
    variables.get(wishes.detail ?? onlyOne(selected) ?? -1) ?? null;
  const targets =
    selected.size > 0
      ? [...selected]
      : filter === ''
        ? null
        : matching.map(({ row }) => row.variable);
  const devices = session?.devices ?? [];
  const { question } = store.actions;
  const { planned } = store.snapshots;

  return (
    <>
      <Status store={store} />
      <Toolbar
        store={store}
        filter={filter}
        tree={tree}
        shown={matching.length}
        targets={targets}
        targetCount={targets?.length ?? variables.size}
        chosen={chosen}
        onFilter={setTyped}
        onTree={setTree}
        onSet={() => {
          setSetting(true);
        }}
      />
      <Devices devices={devices} />
      <Messages
        store={store}
        onDismiss={() => {
          store.dismiss();
        }}
      />
      {store.snapshots.isOpen && <Snapshots store={store} />}
      <div class="jp-tfsession-main">
        <Table
          id={id}
          lines={lines}
          sorting={sorting}
          active={active}
          selected={selected}
          opened={wishes.detail}
          deviceIndex={name => devices.findIndex(one => one.name === name)}
          empty={whyEmpty(store, strings)}
          onSort={setSorting}
          onActive={setActive}
          onFold={(path, open) => {
            setClosed(toggled(closed, [path], !open));
          }}
          onSelect={line => {
            const ids = idsOf(line);
            const all = ids.every(id => selected.has(id));
            setSelected(toggled(selected, ids, !all));
          }}
          onOpen={detail => {
            setSaid('');
            store.wish({ detail: detail === wishes.detail ? null : detail });
          }}
          onVisible={rows => {
            store.wish({ rows: variables.size > READ_ALL ? rows : null });
          }}
        />
        {wishes.detail !== null && chosen !== null && (
          <Detail
            variable={chosen}
            detail={store.detail}
            said={said}
            onClose={() => {
              store.wish({ detail: null });
            }}
            onCopied={setSaid}
          />
        )}
      </div>
      {question !== null && (
        <ConfirmDialog
          key={question.confirm.token}
          question={question}
          onAnswer={yes => {
            store.actions.answer(yes);
          }}
        />
      )}
      {planned !== null && question === null && (
        <RestoreDialog
          key={planned.snapshot.id}
          asked={planned}
          onSimilar={similar => {
            store.snapshots.plan(planned.graph, planned.snapshot, similar);
          }}
          onCancel={() => {
            store.snapshots.forget('planned');
          }}
          onRestore={(plan, choice) => {
            store.snapshots.forget('planned');
            store.restore(
              strings.restoreLabel(plan.snapshot.name),
              plan,
              choice
            );
          }}
        />
      )}
      {setting && chosen !== null && session !== null && (
        <SetDialog
          variable={chosen}
          onCancel={() => {
            setSetting(false);
          }}
          onSet={value => {
            setSetting(false);
            store.act(strings.setLabel(chosen.row.name), {
              type: 'set',
              graph: session.graph,
              generation: session.generation,
              variable: chosen.row.variable,
              value
            });
          }}
        />
      )}
    </>
  );
}

function idsOf(line: Line): readonly number[] {
  return line.kind === 'scope' ? line.ids : [line.variable.row.variable];
}

function onlyOne(selected: ReadonlySet<number>): number | undefined {
  return selected.size === 1 ? [...selected][0] : undefined;
}

function toggled<T>(
  before: ReadonlySet<T>,
  items: readonly T[],
  present: boolean
): ReadonlySet<T> {
  const after = new Set(before);
  for (const item of items) {
    if (present) {
      after.add(item);
    } else {
      after.delete(item);
    }
  }
  return after;
}

function whyEmpty(store: Store, strings: Strings): string {
  const { state, session, variables } = store;
  if (state === null) {
    return store.transport.link === 'lost' ? '' : strings.connecting;
  }
  if (state.tensorflow === null) {
    return strings.noTensorFlow;
  }
  if (session === null) {
    return strings.noSession;
  }
  if (variables.size > 0) {
    return strings.noneMatch;
  }
  return session.variables > 0
    ? strings.loading(variables.size, session.variables)
    : strings.noVariables;
}
