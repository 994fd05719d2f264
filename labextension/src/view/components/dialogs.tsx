import type { ComponentChildren } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { shape } from '../format';
import type { IQuestion } from '../model/actions';
import type { IVariable } from '../model/variables';
import { useStrings } from './context';

/**
 * Asks before values are overwritten, and says whether undo gives them back.
 */
export function ConfirmDialog(props: {
  readonly question: IQuestion;
  readonly onAnswer: (yes: boolean) => void;
}) {
  const { question, onAnswer } = props;
  const { action, confirm } = question;
  const strings = useStrings();
  return (
    <Dialog
      title={action.label}
      accept={strings.overwrite}
      warn
      onAnswer={onAnswer}
    >
      <p>{confirm.text}</p>
      <p class={confirm.undo ? '' : 'jp-tfsession-warning'}>
        {confirm.undo ? strings.undoable : strings.notUndoable}
      </p>
    </Dialog>
  );
}

/**
 * Asks for a variable's new value.
 */
export function SetDialog(props: {
  readonly variable: IVariable;
  readonly onSet: (value: string) => void;
  readonly onCancel: () => void;
}) {
  const { variable, onSet, onCancel } = props;
  const { row, reading } = variable;
  const strings = useStrings();
  // What is there is a good beginning where it is a number.
  const text = reading?.text ?? '';
  const isNumber = text !== '' && Number.isFinite(Number(text));
  const [value, setValue] = useState(isNumber ? text : '');
  return (
    <Dialog
      title={strings.setLabel(row.name)}
      accept={strings.apply}
      disabled={value.trim() === ''}
      onAnswer={yes => {
        if (yes) {
          onSet(value.trim());
        } else {
          onCancel();
        }
      }}
    >
      <label>
        {strings.newValue}
        <textarea
          rows={3}
          spellcheck={false}
          value={value}
          onInput={event => {
            setValue(event.currentTarget.value);
          }}
        />
      </label>
      <p class="jp-tfsession-weak">
        {strings.newValueHint(row.dtype, shape(row.shape))}
      </p>
    </Dialog>
  );
}

/**
 * A question with a way out, to which Escape leads.
 */
export function Dialog(props: {
  readonly title: string;
  readonly accept: string;
  readonly warn?: boolean;
  readonly disabled?: boolean;
  readonly children: ComponentChildren;
  readonly onAnswer: (yes: boolean) => void;
}) {
  const { title, accept, warn = false, disabled = false, children } = props;
  const strings = useStrings();
  const dialog = useRef<HTMLDialogElement>(null);
  const before = useRef<Element | null>(null);
  useEffect(() => {
    before.current = document.activeElement;
    dialog.current?.showModal();
    return () => {
      // The browser gives the focus back only when a dialog is closed.
      if (before.current instanceof HTMLElement) {
        before.current.focus({ preventScroll: true });
      }
    };
  }, []);
  return (
    <dialog
      ref={dialog}
      class="jp-tfsession-dialog"
      aria-label={title}
      onCancel={event => {
        event.preventDefault();
        props.onAnswer(false);
      }}
    >
      <form
        method="dialog"
        onSubmit={event => {
          event.preventDefault();
          props.onAnswer(true);
        }}
      >
        <h2>{title}</h2>
        {children}
        <div class="jp-tfsession-answers">
          {/* First, so that Enter does no harm before the user has looked. */}
          <button
            type="button"
            class="jp-tfsession-button"
            onClick={() => {
              props.onAnswer(false);
            }}
          >
            {strings.cancel}
          </button>
          <button
            type="submit"
            disabled={disabled}
            class={
              warn
                ? 'jp-tfsession-button jp-mod-warn'
                : 'jp-tfsession-button jp-mod-accept'
            }
          >
            {accept}
          </button>
        </div>
      </form>
    </dialog>
  );
}
