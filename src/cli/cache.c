#include "cli/cache.h"

#include <gradc/gradc.h>
#include <inttypes.h>
#include <stdio.h>

#include "cli/print.h"

static void print_state(const char *folder, const struct gradc_cache *cache) {
    printf("folder  %s\nfiles   %zu\nbytes   %" PRIu64 " (at most %" PRIu64 ")\n", folder, cache->files,
           cache->bytes, cache->limit);
}

static void print_json_state(const char *folder, const char *what, const struct gradc_cache *cache) {
    printf("{\"gradc\": \"%s\", \"folder\": ", gradc_version());
    print_json_text(stdout, folder);
    printf(", \"%s\": {\"files\": %zu, \"bytes\": %" PRIu64 "}, \"limit\": %" PRIu64 "}\n", what,
           cache->files, cache->bytes, cache->limit);
}

enum exit_status cache_command(const struct request *request) {
    bool json = option_given(request, OPTION_JSON), clears = option_given(request, OPTION_CLEAR);
    struct gradc_cache cache;
    if (!request->cache) {
        complain("no-cache", "set XDG_CACHE_HOME or HOME", "there is no folder for a cache");
        return EXIT_MACHINE;
    }
    if (clears)
        gradc_cache_clear(request->cache, &cache);
    else
        gradc_cache_look(request->cache, &cache);
    if (json)
        print_json_state(request->cache, clears ? "removed" : "kept", &cache);
    else if (clears)
        printf("removed %zu file%s, %" PRIu64 " bytes\n", cache.files, cache.files == 1 ? "" : "s",
               cache.bytes);
    else
        print_state(request->cache, &cache);
    return EXIT_FINE;
}
