#pragma once

#include <cstddef>
#include <cstdint>

/// PURE. The watch machine's table: what is next in each state for each finding.
namespace sidecar::watch::watch_table {

enum class state : std::uint8_t {
  listing,      ///< no watch is open; a LIST is under way
  opening,      ///< a watch was requested
  watching,     ///< the API server has accepted it
  catching_up,  ///< it has yet to deliver what a LIST has found
  resyncing,    ///< it is open, and a LIST is under way
  backing_off,  ///< no watch is open; another LIST follows
  denied,       ///< the same, with an obstacle: answers are live, or those of the last LIST in node mode
  stopped,
};

/// What an input says.
enum class finding : std::uint8_t {
  due,          ///< the state's own time is up
  list_agrees,  ///< a LIST found what is known
  list_leads,   ///< a LIST found a change that the watch has not delivered
  outdated,     ///< a LIST succeeded, and the CA bundle that verified the watch's server has been replaced
  unordered,    ///< a LIST or an event found a state that cannot be ordered against the known one
  list_failed,  ///< but was not denied
  accepted,     ///< the API server has accepted the watch
  delivered,    ///< the watch has delivered the known state or a newer one
  ended,        ///< the watch ended as requested, or its version has expired, for the first time
  interrupted,  ///< the watch ended otherwise
  denied,       ///< LIST or WATCH was answered with 403, or the fifth watch in a row was cut
  stopped,      ///< the process ends
  nothing,
};

/// The next state and the actions that lead to it.
enum class move : std::uint8_t {
  none,
  list,         ///< listing: LIST
  relist,       ///< listing: the watch has missed an event: close it, LIST
  keep_list,    ///< listing: the LIST under way is the first of the next watch
  open,         ///< opening: WATCH from the list's version, in place of an open watch
  watch,        ///< watching; resyncing at once if permission was all that was missing
  resync,       ///< resyncing: LIST
  order_again,  ///< resyncing: LIST; the fourth time in a row as `retry`
  catch_up,     ///< catching_up: sleep until the watch must have delivered
  wait,         ///< opening or watching: sleep until the next resync
  retry,        ///< the same, but the resync follows sooner
  pause,        ///< backing_off, or denied with an obstacle: mark stale, sleep
  deny,         ///< denied: answers are live from now on; sleep
  stop,         ///< stopped: close the watch
};

/// The machine begins in `backing_off`. A finding that cannot be made in a state changes nothing.
constexpr move next(state from, finding found) {
  using enum move;
  if (from == state::stopped || found == finding::nothing) return none;
  if (found == finding::stopped) return stop;
  if (found == finding::denied) return deny;
  // clang-format off
  constexpr move table[][10] = {
      // due    list_agrees  list_leads  outdated  unordered    list_failed  accepted  delivered  ended      interrupted
      {none,    open,        open,       open,     list,        pause,       none,     none,      none,      none},       // listing
      {resync,  none,        none,       none,     order_again, none,        watch,    none,      list,      pause},      // opening
      {resync,  none,        none,       none,     order_again, none,        none,     none,      list,      pause},      // watching
      {relist,  none,        none,       none,     order_again, none,        none,     wait,      list,      pause},      // catching_up
      {none,    wait,        catch_up,   open,     order_again, retry,       none,     none,      keep_list, keep_list},  // resyncing
      {list,    none,        none,       none,     none,        none,        none,     none,      none,      none},       // backing_off
      {list,    none,        none,       none,     none,        none,        none,     none,      none,      none},       // denied
  };
  // clang-format on
  return table[static_cast<std::size_t>(from)][static_cast<std::size_t>(found)];
}

}  // namespace sidecar::watch::watch_table
