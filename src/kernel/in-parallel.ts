/**
 * Results in the order of the items, with at most `limit` of them at work. After a failure no more
 * are begun, and it is thrown once those at work have ended.
 */
export async function inParallel<Item, Result>(
  items: readonly Item[],
  limit: number,
  work: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = []
  const queue = items.entries()
  let failed = false
  const workers = Array.from({ length: Math.min(limit, items.length) }, async () => {
    for (const [index, item] of queue) {
      if (failed) return
      try {
        results[index] = await work(item)
      } catch (error) {
        failed = true
        throw error
      }
    }
  })
  const ends = await Promise.allSettled(workers)
  const refused = ends.find((end) => end.status === 'rejected')
  if (refused) throw refused.reason
  return results
}
