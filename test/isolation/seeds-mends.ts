type Ask = (
  method: 'POST',
  path: string,
  body: Readonly<Record<string, unknown>>,
) => Promise<unknown>

/** What is to be done with records of a source. */
export const mendMakers: Readonly<Record<string, (ask: Ask, word: string) => Promise<string>>> = {
  async repair(ask, word) {
    const name = `${word}-repair`
    const rule = { kind: 'default', text: `${word} meter` }
    await ask('POST', '/v1/repairs', { name, dataset: 'readings', column: 'meter', ...rule })
    return name
  },
}
