/**
 * What a page of the book does in the browser: search, and interactive figures. Plain JavaScript, since the page loads it from
 * the disk as it is (browsers refuse modules there). Plotly, the heaviest part, is loaded when the first figure comes into view.
 */
'use strict'
;(() => {
  const input = document.querySelector('input[type=search]')
  const list = document.querySelector('.found')
  const chapters = document.querySelector('.chapters')
  const longestList = 30

  /** Sections that hold every word; those whose title holds them come first. */
  function find(query) {
    const words = query.toLowerCase().split(/\s+/).filter(Boolean)
    const holds = (text) => words.every((word) => text.toLowerCase().includes(word))
    const inTitle = window.bookSections.filter(({ title }) => holds(title))
    const inText = window.bookSections.filter(({ title, text }) => !holds(title) && holds(`${title} ${text}`))
    return [...inTitle, ...inText].slice(0, longestList)
  }

  function item({ href, title, page }) {
    const entry = document.createElement('li')
    const link = document.createElement('a')
    const chapter = document.createElement('small')
    link.href = encodeURI(href)
    link.textContent = title
    chapter.textContent = page === title ? '' : page
    entry.append(link, chapter)
    return entry
  }

  input.addEventListener('input', () => {
    const searching = input.value.trim() !== ''
    chapters.hidden = searching
    list.hidden = !searching
    if (!searching) return
    const entries = find(input.value).map(item)
    if (entries.length === 0)
      entries.push(Object.assign(document.createElement('li'), { textContent: 'nothing found' }))
    list.replaceChildren(...entries)
  })

  let plotly
  function loadPlotly() {
    plotly ??= new Promise((resolve, reject) => {
      const script = document.createElement('script')
      script.src = 'assets/plotly.min.js'
      script.onload = () => resolve(window.Plotly)
      script.onerror = reject
      document.head.append(script)
    })
    return plotly
  }

  async function draw(figure) {
    const { data, layout, config, frames } = JSON.parse(figure.querySelector('script').textContent)
    const Plotly = await loadPlotly()
    const place = document.createElement('div')
    figure.replaceChildren(place)
    await Plotly.newPlot(place, { data, layout, config: { responsive: true, ...config }, frames })
  }

  const seen = new IntersectionObserver(
    (entries) => {
      for (const { isIntersecting, target } of entries) {
        if (!isIntersecting) continue
        seen.unobserve(target)
        void draw(target)
      }
    },
    { rootMargin: '200px' },
  )
  for (const figure of document.querySelectorAll('.figure')) seen.observe(figure)

  document.querySelector('.chapters .open')?.scrollIntoView({ block: 'nearest' })
})()
