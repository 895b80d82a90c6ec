/** What a terminal would obey, or be misled by; an escape sequence for colours as a whole. */
const CONTROLS = /\p{Cc}(?:\[[\d;]*m)?|\p{Bidi_Control}/gu;
const ESCAPE = '\u001b';

/**
 * Text from elsewhere, such as what an app prints, made fit for a terminal: it may have colours, and
 * cannot clear the screen, move the cursor, rename the window or answer for whoever sits there.
 */
export const printable = (text: string): string =>
  text.replace(CONTROLS, (found) => {
    const [first = ''] = found;
    const isColour = first === ESCAPE && found.length > 1;
    return isColour || first === '\t' || first === '\n' ? found : `\ufffd${found.slice(1)}`;
  });
