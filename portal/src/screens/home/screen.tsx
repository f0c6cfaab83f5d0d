/** Not built yet. */
export function Screen() {
  return null
}
