import { type Message, MessageLoop } from '@lumino/messaging';
import type { Widget } from '@lumino/widgets';

/**
 * Tells whenever a widget comes into sight or goes out of it, beginning with how it is.
 */
export function whenSeen(
  widget: Widget,
  tell: (isSeen: boolean) => void
): void {
  const hook = (_: unknown, message: Message): boolean => {
    switch (message.type) {
      case 'after-show':
      case 'after-attach':
        tell(widget.isVisible);
        break;
      case 'before-hide':
      case 'before-detach':
        tell(false);
        break;
    }
    return true;
  };
  MessageLoop.installMessageHook(widget, hook);
  tell(widget.isVisible);
}
