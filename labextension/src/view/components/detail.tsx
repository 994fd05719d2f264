import type { Detail as Message, Picture } from '../../protocol';
import { number } from '../format';
import type { IVariable } from '../model/variables';
import { HeatMap } from '../plots/heatmap';
import { Histogram } from '../plots/histogram';
import { Lines } from '../plots/lines';
import { useStrings } from './context';
import { Facts } from './facts';
import { Button } from './toolbar';

/**
 * One variable in full.
 */
export function Detail(props: {
  readonly variable: IVariable;
  readonly detail: Message | null;
  /** What became of copying. */
  readonly said: string;
  readonly onClose: () => void;
  readonly onCopied: (text: string) => void;
}) {
  const { variable, detail, said, onClose, onCopied } = props;
  const { row } = variable;
  const strings = useStrings();
  const copy = (text: string, said: string) => {
    // Missing where the page did not come over https.
    const clipboard = navigator.clipboard as Clipboard | undefined;
    const copied = clipboard?.writeText(text) ?? Promise.reject(new Error());
    copied
      .then(() => {
        onCopied(said);
      })
      .catch(() => {
        onCopied(strings.notCopied);
      });
  };
  return (
    <section
      class="jp-tfsession-detail"
      aria-label={strings.detail(row.name)}
      onKeyDown={event => {
        if (event.key === 'Escape') {
          event.stopPropagation();
          onClose();
        }
      }}
    >
      <header>
        <h3>{row.name}</h3>
        <span class="jp-tfsession-weak" role="status">
          {said}
        </span>
        <Button
          text={strings.copyName}
          title={strings.copyName}
          onClick={() => {
            copy(row.name, strings.copied);
          }}
        />
        <Button
          text={strings.copyValue}
          title={strings.copyValue}
          disabled={detail === null || detail.text === ''}
          onClick={() => {
            copy(
              detail?.text ?? '',
              detail?.cut ? strings.copiedInPart : strings.copied
            );
          }}
        />
        <Button
          text="×"
          label={strings.close}
          title={strings.close}
          onClick={onClose}
        />
      </header>
      <Facts variable={variable} reading={detail?.reading ?? null} />
      {detail === null ? (
        <p class="jp-tfsession-weak">{strings.waitingForDetail}</p>
      ) : (
        <Plots detail={detail} />
      )}
    </section>
  );
}

function Plots(props: { readonly detail: Message }) {
  const { history, histogram, picture } = props.detail;
  const strings = useStrings();
  const values = history.values.map(Number);
  return (
    <div class="jp-tfsession-plots">
      {picture !== null && <Shown picture={picture} />}
      {histogram !== null && histogram.counts.length > 1 && (
        <Histogram of={histogram} />
      )}
      {values.length > 1 ? (
        <Lines
          title={strings.historyOf[history.of]}
          at={history.runs}
          values={values}
          label={index =>
            strings.historyPoint(
              history.runs[index] ?? 0,
              history.cells[index] ?? '',
              number(values[index] ?? NaN)
            )
          }
        />
      ) : (
        <p class="jp-tfsession-weak">{strings.noHistory}</p>
      )}
    </div>
  );
}

function Shown(props: { readonly picture: Picture }) {
  const { picture } = props;
  const strings = useStrings();
  if (picture.kind === 'heat') {
    return <HeatMap of={picture} />;
  }
  const values = picture.values.map(Number);
  const step = picture.step[picture.step.length - 1] ?? 1;
  return (
    <Lines
      title={strings.line}
      at={values.map((_, index) => index * step)}
      values={values}
      label={index =>
        strings.heatCell(
          [...picture.index, index * step].join(', '),
          number(values[index] ?? NaN)
        )
      }
    />
  );
}
