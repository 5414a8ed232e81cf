/* Runs a fuzz target over a folder of saved inputs, for builds without libFuzzer. Each input lies
 * in a block of exactly its size, so that AddressSanitizer sees a read behind its end. With
 * -fsanitize=fuzzer the library brings its own main, so this one steps aside (it is weak). */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

/* NOLINTNEXTLINE(readability-identifier-naming): the name is libFuzzer's. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
__attribute__((weak)) int main(int argc, char **argv);

static int
replay(const char *folder, const char *name)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "rb");
    if (!file)
        return 0;
    fseek(file, 0, SEEK_END);
    long end = ftell(file);
    rewind(file);
    size_t size = end > 0 ? (size_t)end : 0;
    uint8_t *bytes = size ? malloc(size) : NULL;
    size = bytes ? fread(bytes, 1, size, file) : 0;
    fclose(file);
    LLVMFuzzerTestOneInput(bytes, size);
    free(bytes);
    return 1;
}

int
main(int argc, char **argv)
{
    DIR *folder = argc > 1 ? opendir(argv[1]) : NULL;
    if (!folder) {
        fprintf(stderr, "usage: %s CORPUS-FOLDER\n", argv[0]);
        return EXIT_FAILURE;
    }
    int inputs = 0;
    for (struct dirent *entry; (entry = readdir(folder)) != NULL;)
        if (entry->d_name[0] != '.')
            inputs += replay(argv[1], entry->d_name);
    closedir(folder);
    printf("%d inputs replayed\n", inputs);
    return inputs ? EXIT_SUCCESS : EXIT_FAILURE;
}
