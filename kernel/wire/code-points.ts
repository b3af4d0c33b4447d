/**
 * Jupyter counts cursor positions in Unicode code points, JavaScript in UTF-16 code units; they differ after an emoji.
 */

/** UTF-16 offset of a code point position; positions outside the text are moved to its ends. */
export function toUtf16(text: string, codePoints: number): number {
  let offset = 0
  for (let seen = 0; seen < codePoints && offset < text.length; seen++) {
    offset += text.codePointAt(offset)! > 0xffff ? 2 : 1
  }
  return offset
}

/** Code point position of a UTF-16 offset; one inside a surrogate pair counts the pair. */
export function toCodePoints(text: string, offset: number): number {
  let seen = 0
  for (let at = 0; at < offset && at < text.length; seen++) {
    at += text.codePointAt(at)! > 0xffff ? 2 : 1
  }
  return seen
}
