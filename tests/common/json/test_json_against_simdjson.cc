/* Reads generated and mutated documents with our reader and with simdjson, and compares verdicts
 * and values. Where the two differ by design, the reason is proved from the document itself:
 *
 *   only ours refuses    a key twice in an object; \u0000 in a string; more than 64 levels
 *   only simdjson does   an integer of 2^64 or more, or below -2^63; a number too large for a
 *                        double (we keep a number's bytes until someone asks for its value)
 */
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <random>
#include <set>
#include <simdjson.h>
#include <string>

extern "C" {
#include "common/json/reader.h"
}

namespace
{

using simdjson::dom::element;
using simdjson::dom::element_type;

std::mt19937 generator(20261123);

unsigned
choose(unsigned count)
{
    return static_cast<unsigned>(generator() % count);
}

template <typename T, std::size_t N>
const T &
pick(const T (&items)[N])
{
    return items[choose(N)];
}

std::string
blank()
{
    static const char *const blanks[] = {"", "", "", "", " ", "\n", "\t ", "\r\n"};
    return pick(blanks);
}

std::string
make_string()
{
    static const char *const pieces[] = {"a", "key", "eight by", "and eight bytes and more", "\\n",
        "\\\"", "\\\\", "\\/", "\\u0041", "\\u00e9", "\\uD83D\\uDE80", "\\u0000", "\xc3\xa9",
        "\xe2\x82\xac", "\xf0\x9f\x9a\x80", "\x7f", "{", "]", ":", ","};
    std::string text = "\"";
    for (unsigned i = choose(5); i; i--)
        text += pick(pieces);
    return text + "\"";
}

std::string
make_number()
{
    static const char *const numbers[] = {"0", "-0", "1", "-1", "42", "1.5", "-0.0", "1e3", "1E-7",
        "1.0", "9223372036854775807", "-9223372036854775808", "9223372036854775808",
        "18446744073709551615", "18446744073709551616", "-9223372036854775809", "1e308", "1e400",
        "0.1", "2.2250738585072011e-308", "5e-324", "1e-400", "123456789012345678901234567890",
        "0.30000000000000004", "9007199254740993.0", "1.7976931348623157e308", "1e22", "1e23"};
    if (choose(3))
        return pick(numbers);
    std::string text = choose(2) ? "-" : "";
    text += std::to_string(generator() % 100000);
    if (choose(2))
        text += "." + std::to_string(generator());
    if (choose(2))
        text += (choose(2) ? "e-" : "E+") + std::to_string(choose(330));
    return text;
}

std::string make_value(unsigned depth);

std::string
make_object(unsigned depth)
{
    std::string text = "{" + blank();
    for (unsigned i = 0, count = choose(5); i < count; i++) {
        text += i ? "," + blank() : "";
        text += choose(3) ? "\"k" + std::to_string(i) + "\"" : make_string();
        text += blank() + ":" + blank() + make_value(depth + 1);
    }
    return text + "}";
}

std::string
make_array(unsigned depth)
{
    std::string text = "[" + blank();
    for (unsigned i = 0, count = choose(5); i < count; i++)
        text += (i ? "," + blank() : "") + make_value(depth + 1);
    return text + "]";
}

std::string
make_value(unsigned depth)
{
    static const char *const words[] = {"true", "false", "null"};
    std::string text;
    switch (choose(depth < 5 ? 7 : 4)) {
    case 0: text = pick(words); break;
    case 1: text = make_number(); break;
    case 2:
    case 3: text = make_string(); break;
    case 4:
    case 5: text = make_object(depth); break;
    default: text = make_array(depth); break;
    }
    return text + blank();
}

std::string
make_document()
{
    if (choose(50))
        return blank() + make_value(0);
    std::string levels(60 + choose(10), '[');
    return levels + "1" + std::string(levels.size(), ']');
}

std::string
mutate(std::string text)
{
    static const char bytes[] = "{}[]:,\"\\ue-+.0159tfn \n\x01\x1f\x7f\x80\xc3\xed\xa0\xf4\xff/d8";
    for (unsigned i = 1 + choose(2); i && !text.empty(); i--) {
        std::size_t at = choose(static_cast<unsigned>(text.size()));
        char byte = bytes[choose(sizeof bytes)];
        switch (choose(5)) {
        case 0: text[at] = byte; break;
        case 1: text.insert(at, 1, byte); break;
        case 2: text.erase(at, 1); break;
        case 3: text.resize(at); break;
        default: text.insert(at, text.substr(at, choose(12))); break;
        }
    }
    return text;
}

[[noreturn]] void
disagree(const std::string &document, const char *what)
{
    std::fprintf(stderr, "%s:\n%s\n", what, document.c_str());
    std::exit(EXIT_FAILURE);
}

bool same(json_reader *reader, arena *arena, const element &value);

bool
same_string(json_reader *reader, arena *arena, std::string_view value)
{
    text ours;
    return json_read_string(reader, arena, &ours) &&
           std::string_view(ours.data, ours.length) == value;
}

bool
same_object(json_reader *reader, arena *arena, const simdjson::dom::object &object)
{
    if (!json_object_begin(reader))
        return false;
    text key;
    for (auto field : object)
        if (!json_object_next(reader, &key) ||
            std::string_view(key.data, key.length) != field.key ||
            !same(reader, arena, field.value))
            return false;
    return !json_object_next(reader, &key);
}

bool
same_array(json_reader *reader, arena *arena, const simdjson::dom::array &array)
{
    if (!json_array_begin(reader))
        return false;
    for (auto item : array)
        if (!json_array_next(reader) || !same(reader, arena, item))
            return false;
    return !json_array_next(reader);
}

bool
same_double(json_reader *reader, double value)
{
    double ours;
    return json_read_number(reader, &ours) && std::memcmp(&ours, &value, sizeof ours) == 0;
}

bool
same(json_reader *reader, arena *arena, const element &value)
{
    bool boolean;
    int64_t integer;
    switch (value.type()) {
    case element_type::OBJECT: return same_object(reader, arena, value);
    case element_type::ARRAY: return same_array(reader, arena, value);
    case element_type::STRING: return same_string(reader, arena, value);
    case element_type::DOUBLE: return same_double(reader, value);
    case element_type::UINT64: return same_double(reader, static_cast<double>(uint64_t(value)));
    case element_type::INT64:
        return json_read_integer(reader, &integer) && integer == int64_t(value);
    case element_type::BOOL: return json_read_boolean(reader, &boolean) && boolean == bool(value);
    default: return json_read_null(reader);
    }
}

/* What a document has that only our reader refuses. */
struct strictness {
    bool key_twice = false;
    bool has_nul = false;
    unsigned depth = 0;
};

void
look(const element &value, unsigned depth, strictness *found)
{
    if (value.is_string())
        found->has_nul |= std::string_view(value).find('\0') != std::string_view::npos;
    if (!value.is_object() && !value.is_array())
        return;
    found->depth = std::max(found->depth, depth + 1);
    if (value.is_array()) {
        for (auto item : simdjson::dom::array(value))
            look(item, depth + 1, found);
        return;
    }
    std::set<std::string_view> keys;
    for (auto field : simdjson::dom::object(value)) {
        found->key_twice |= !keys.insert(field.key).second;
        found->has_nul |= field.key.find('\0') != std::string_view::npos;
        look(field.value, depth + 1, found);
    }
}

/* True when some number of the document does not fit what simdjson can hold. */
bool
has_large_number(const std::string &document)
{
    static const char start[] = "-0123456789";
    static const char inside[] = "-+.eE0123456789";
    for (std::size_t at = 0; (at = document.find_first_of(start, at)) != std::string::npos;) {
        std::size_t stop = std::min(document.find_first_not_of(inside, at), document.size());
        std::string number = document.substr(at, stop - at);
        double value = std::strtod(number.c_str(), nullptr);
        bool is_integer = number.find_first_of(".eE") == std::string::npos;
        if (value > 1.7e308 || value < -1.7e308)
            return true;
        if (is_integer && (value >= 18446744073709551615.0 || value <= -9223372036854775808.0))
            return true;
        at = stop;
    }
    return false;
}

enum verdict { BOTH_ACCEPT, BOTH_REFUSE, ONLY_WE_REFUSE, ONLY_THEY_REFUSE, VERDICTS };

verdict
compare(const std::string &document)
{
    static simdjson::dom::parser parser;
    std::string exact(document);
    json_reader reader;
    json_reader_init(&reader, text_from(exact.data(), exact.size()));
    json_skip(&reader);
    bool we = json_reader_end(&reader);
    element value;
    simdjson::error_code error = parser.parse(document).get(value);

    if (error && we) {
        if (!has_large_number(document))
            disagree(document, simdjson::error_message(error));
        return ONLY_THEY_REFUSE;
    }
    if (error)
        return BOTH_REFUSE;
    strictness found;
    look(value, 0, &found);
    if (!we) {
        if (!found.key_twice && !found.has_nul && found.depth <= JSON_DEPTH_MAX)
            disagree(document, json_reader_problem(&reader));
        return ONLY_WE_REFUSE;
    }
    if (found.key_twice || found.has_nul || found.depth > JSON_DEPTH_MAX)
        disagree(document, "accepted what only simdjson may accept");
    struct arena arena;
    arena_init(&arena, 1 << 20);
    json_reader_init(&reader, text_from(exact.data(), exact.size()));
    if (!same(&reader, &arena, value) || !json_reader_end(&reader))
        disagree(document, "values differ");
    arena_release(&arena);
    return BOTH_ACCEPT;
}

} // namespace

int
main()
{
    unsigned counts[VERDICTS] = {};
    for (int i = 0; i < 30000; i++) {
        std::string document = make_document();
        counts[compare(document)]++;
        for (int j = 0; j < 6; j++)
            counts[compare(mutate(document))]++;
    }
    std::printf("both accept %u, both refuse %u, only we refuse %u, only simdjson refuses %u\n",
        counts[BOTH_ACCEPT], counts[BOTH_REFUSE], counts[ONLY_WE_REFUSE], counts[ONLY_THEY_REFUSE]);
    for (unsigned count : counts)
        if (count < 100) {
            std::fprintf(stderr, "one of the four cases was hardly seen\n");
            return EXIT_FAILURE;
        }
    return EXIT_SUCCESS;
}
