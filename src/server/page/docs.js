// Finds operations on the page, and copies examples. Everything is there without it, too.

const find = document.querySelector('#find')
if (find) {
  const found = document.querySelector('#found')
  const resources = [...document.querySelectorAll('.resource')].map((section) => ({
    section,
    items: [...section.querySelectorAll('li')].map((item) => ({
      item,
      text: `${section.querySelector('h2').textContent} ${item.textContent}`.toLowerCase(),
    })),
  }))
  const look = () => {
    const words = find.value.toLowerCase().split(/\s+/).filter(Boolean)
    let count = 0
    for (const { section, items } of resources) {
      let shown = 0
      for (const { item, text } of items) {
        item.hidden = !words.every((word) => text.includes(word))
        if (!item.hidden) shown += 1
      }
      section.hidden = shown === 0
      count += shown
    }
    found.textContent = words.length === 0 ? '' : `${count} found`
  }
  find.closest('.find').hidden = false
  find.addEventListener('input', look)
  look()
}

for (const button of document.querySelectorAll('.copy')) {
  if (!navigator.clipboard) break
  button.hidden = false
  button.addEventListener('click', () => {
    const { textContent } = button.closest('figure').querySelector('code')
    navigator.clipboard.writeText(textContent).then(
      () => {
        button.textContent = 'Copied'
        setTimeout(() => (button.textContent = 'Copy'), 1500)
      },
      () => (button.textContent = 'Not allowed here'),
    )
  })
}

// On a small screen the list of resources begins closed.
const list = document.querySelector('nav details')
if (list && matchMedia('(max-width: 60rem)').matches) list.open = false
