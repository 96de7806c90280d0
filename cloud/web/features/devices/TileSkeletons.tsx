// Grey cards with the final size while the devices load; nothing is seen in the first 300 ms. Owns the drawing only.

/** Three cards. */
export function TileSkeletons() {
  return (
    <div className="tiles ui-skeletons" role="status" aria-label="Loading devices">
      {['first', 'second', 'third'].map((key) => (
        <div className="tile tile-skeleton" key={key} aria-hidden>
          <span className="ui-skeleton-bar" />
          <span className="ui-skeleton-bar" data-width="short" />
          <span className="ui-skeleton-bar" />
        </div>
      ))}
    </div>
  )
}
