#include "gateway/http/socket.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

/* An address in the form that the socket calls take. */
struct endpoint {
    struct sockaddr_storage address;
    socklen_t length;
};

static bool
make_endpoint(const char *address, uint16_t port, struct endpoint *endpoint)
{
    struct sockaddr_in *four = (struct sockaddr_in *)&endpoint->address;
    struct sockaddr_in6 *six = (struct sockaddr_in6 *)&endpoint->address;
    *endpoint = (struct endpoint){0};
    if (inet_pton(AF_INET, address, &four->sin_addr) == 1) {
        four->sin_family = AF_INET;
        four->sin_port = htons(port);
        endpoint->length = sizeof *four;
        return true;
    }
    if (inet_pton(AF_INET6, address, &six->sin6_addr) == 1) {
        six->sin6_family = AF_INET6;
        six->sin6_port = htons(port);
        endpoint->length = sizeof *six;
        return true;
    }
    return false;
}

/* A bound socket, or -1 with errno. */
static int
bind_socket(const struct endpoint *endpoint, bool shares)
{
    int on = 1;
    int family = endpoint->address.ss_family;
    int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return -1;
    bool is_ready =
        setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0 &&
        (!shares || setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on) == 0) &&
        (family != AF_INET6 || setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on) == 0) &&
        /* Accepted sockets inherit it. */
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) == 0 &&
        bind(fd, (const struct sockaddr *)&endpoint->address, endpoint->length) == 0;
    if (!is_ready) {
        int error = errno;
        close(fd);
        errno = error;
        return -1;
    }
    return fd;
}

/* With SO_REUSEPORT a second program of the same user would silently share the port. */
static bool
is_in_use(const struct endpoint *endpoint)
{
    int probe = bind_socket(endpoint, false);
    if (probe < 0)
        return errno == EADDRINUSE;
    close(probe);
    return false;
}

enum status
http_socket_open(const char *address, uint16_t port, bool joins, int *fd, struct problem *problem)
{
    struct endpoint endpoint;
    if (!make_endpoint(address, port, &endpoint)) {
        problem_set(
            problem, "%s is no address to listen on; use one like 127.0.0.1 or ::1", address);
        return STATUS_INVALID_ARGUMENT;
    }
    if (!joins && port && is_in_use(&endpoint)) {
        problem_set(problem,
            "port %u is in use on %s; stop the program that has it, or choose another port", port,
            address);
        return STATUS_UNAVAILABLE;
    }
    int socket_fd = bind_socket(&endpoint, true);
    if (socket_fd < 0) {
        problem_set(problem, "cannot listen on %s port %u: %s", address, port, strerror(errno));
        return STATUS_UNAVAILABLE;
    }
    *fd = socket_fd;
    return STATUS_OK;
}
