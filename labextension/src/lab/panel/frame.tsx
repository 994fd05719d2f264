import { time } from '../../view/format';
import type { INotice } from '../situation';
import type { Strings } from '../strings';
import type { PlacedCell } from '../stale/actions';

export interface IFrameProps {
  readonly strings: Strings;
  /** The name of the notebook or console. */
  readonly name: string;
  readonly notice: INotice | null;
  readonly lostAt: Date | null;
  readonly stale: readonly PlacedCell[];
  readonly onMenu: (button: HTMLElement) => void;
  readonly onLoad: () => void;
  readonly onGoTo: (cell: PlacedCell) => void;
  readonly onRerun: (cells: readonly PlacedCell[]) => void;
}

/**
 * What the panel shows besides the view.
 */
export function Frame(props: IFrameProps) {
  const { strings, name } = props;
  return (
    <div class="jp-tfsession jp-tfsession-frame">
      <div class="jp-tfsession-head">
        <span class="jp-tfsession-source" title={name}>
          {name}
        </span>
        <button
          type="button"
          class="jp-tfsession-button jp-tfsession-more"
          title={strings.menu}
          aria-label={strings.menu}
          aria-haspopup="menu"
          onClick={event => {
            props.onMenu(event.currentTarget);
          }}
        >
          ⋯
        </button>
      </div>
      <Notice {...props} />
      <Stale {...props} />
    </div>
  );
}

function Notice(props: IFrameProps) {
  const { notice, lostAt, strings } = props;
  return (
    <div role="status" aria-live="polite">
      {lostAt !== null && (
        <p class="jp-tfsession-message jp-mod-failed">
          <span>{strings.lostAt(time(lostAt))}</span>
        </p>
      )}
      {notice !== null && (
        <div
          class={`jp-tfsession-notice ${notice.isPassing ? 'jp-mod-passing' : ''}`}
        >
          <strong>{notice.title}</strong>
          {notice.help !== '' && <p>{notice.help}</p>}
          {notice.load !== null && (
            <button
              type="button"
              class="jp-tfsession-button jp-mod-accept"
              onClick={props.onLoad}
            >
              {notice.load}
            </button>
          )}
        </div>
      )}
    </div>
  );
}

function Stale(props: IFrameProps) {
  const { stale, strings, onGoTo, onRerun } = props;
  const runnable = stale.filter(({ notebook }) => notebook !== null);
  if (stale.length === 0) {
    return null;
  }
  return (
    <section
      class="jp-tfsession-stale"
      aria-label={strings.stale(stale.length)}
    >
      <div class="jp-tfsession-head">
        <strong title={strings.staleHelp}>{strings.stale(stale.length)}</strong>
        {runnable.length > 0 && (
          <button
            type="button"
            class="jp-tfsession-button"
            title={strings.rerunAllHelp}
            onClick={() => {
              onRerun(runnable);
            }}
          >
            {strings.rerunAll}
          </button>
        )}
      </div>
      <ul>
        {stale.map(cell => {
          const { label, begins, replaced_by: causes } = cell.stale;
          const isHere = cell.notebook !== null;
          const why = strings.staleBecause(causes.join(', '));
          return (
            <li key={cell.stale.cell || label} title={why}>
              <button
                type="button"
                class="jp-tfsession-link"
                disabled={!isHere}
                title={`${strings.goTo(label)}\n${why}`}
                onClick={() => {
                  onGoTo(cell);
                }}
              >
                <span class="jp-tfsession-weak">{label}</span>
                <code>{begins}</code>
              </button>
              {isHere && (
                <button
                  type="button"
                  class="jp-tfsession-button"
                  title={strings.rerun(label)}
                  aria-label={strings.rerun(label)}
                  onClick={() => {
                    onRerun([cell]);
                  }}
                >
                  ▶
                </button>
              )}
            </li>
          );
        })}
      </ul>
    </section>
  );
}
