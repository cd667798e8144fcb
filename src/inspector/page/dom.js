// Finding, making and showing elements. Text only ever goes through textContent.

/** The element of this id. */
export const find = id => document.getElementById(id)

/** Makes an element with a class and children. */
export const make = (tag, className, ...children) => {
  const element = document.createElement(tag)
  if (className !== '') element.className = className
  element.append(...children)
  return element
}

const SVG = 'http://www.w3.org/2000/svg'

/** Makes a picture of one of the symbols of the page. */
export const icon = name => {
  const svg = document.createElementNS(SVG, 'svg')
  svg.setAttribute('viewBox', '0 0 16 16')
  svg.setAttribute('class', 'icon')
  svg.setAttribute('aria-hidden', 'true')
  const use = document.createElementNS(SVG, 'use')
  use.setAttribute('href', `#icon-${name}`)
  svg.append(use)
  return svg
}

/** Makes an icon show another symbol. */
export const setIcon = (svg, name) => { svg.firstChild.setAttribute('href', `#icon-${name}`) }

/** Changes the text where it is another one. */
export const write = (element, text) => {
  if (element.textContent !== text) element.textContent = text
}

/** Makes a button with an icon, where it has one, and words. */
export const button = (className, words, work, picture) => {
  const element = make('button', className, ...picture === undefined ? [] : [icon(picture)], make('span', '', words))
  element.type = 'button'
  element.addEventListener('click', work)
  return element
}

/** Says something to those who listen, without moving them from where they are. */
export const announce = text => {
  const place = find('announcement')
  place.textContent = place.textContent === text ? `${text}\u00A0` : text
}

let fading

/** Shows a short notice for a while; with a link where there is more to see. */
export const notify = (text, link) => {
  const place = find('notice')
  place.replaceChildren(make('span', '', text), ...link === undefined ? [] : [link])
  place.hidden = false
  window.clearTimeout(fading)
  fading = window.setTimeout(() => { place.hidden = true }, link === undefined ? 5_000 : 12_000)
}

/** Makes a link inside the page. */
export const linkTo = (fragment, text, className = '') => {
  const link = make('a', className, text)
  link.href = fragment
  return link
}
