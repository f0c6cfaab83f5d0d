/** Hands bytes to the browser as a file of that name. */
export function saveFile(bytes: Uint8Array, name: string, type: string): void {
  const address = URL.createObjectURL(new Blob([bytes as Uint8Array<ArrayBuffer>], { type }))
  const link = document.createElement('a')
  link.href = address
  link.download = name
  link.click()
  // The browser has taken it once it has had a turn.
  setTimeout(() => URL.revokeObjectURL(address), 10_000)
}
