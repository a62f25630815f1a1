#pragma once

#include "tests/house/source_tree.hpp"

namespace ota::house {

// Who may include whom.
faults floors_broken(const source_tree&);           ///< an include of a room above, beside, or of a stage to the right
faults circles(const source_tree&);                 ///< a header that includes itself by way of others
faults includes_not_from_root(const source_tree&);  ///< a quoted include that names no file from the root

// Where third-party libraries live.
faults strangers(const source_tree&);  ///< a library outside its home, or in a header where it costs

// What stands in the files.
faults deferring_words(const source_tree&);       ///< work put off in a comment
faults long_files(const source_tree&);            ///< more than 400 lines
faults vague_names(const source_tree&);           ///< a folder or unit named for nothing in particular
faults machine_paths(const source_tree&);         ///< an absolute path of one machine
faults unguarded_headers(const source_tree&);     ///< a header without #pragma once
faults lists_of_properties(const source_tree&);   ///< a list as property of discovered tests: CMake loses what follows
faults broken_links(const source_tree&);          ///< a link in a .md to a file that is not there
faults rules_without_test(const source_tree&);    ///< a rule R1..R25 that no test names
faults dangerous_coroutines(const source_tree&);  ///< a co_await that g++ 12 is known to compile wrongly

}  // namespace ota::house
