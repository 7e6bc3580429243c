// SPDX-License-Identifier: BSL-1.0
// A real web server for tests.
#include "apache.hpp"

#include <vector>

namespace brio_test {

namespace {

constexpr const char* modules = "/usr/lib/apache2/modules/mod_";

constexpr const char* head = R"(
ServerName localhost
PidFile apache.pid
ErrorLog error.log
User www-data
Group www-data
ServerLimit 1
StartServers 1
ThreadLimit 16
ThreadsPerChild 16
MaxRequestWorkers 16
KeepAlive On
KeepAliveTimeout 5
MaxKeepAliveRequests 0
EnableSendfile On
FileETag MTime Size
)";

// Of both servers.
constexpr const char* places = R"(
    <Location /gzip>
        SetOutputFilter DEFLATE
    </Location>
    <Location /basic>
        AuthType Basic
        AuthName brio
        AuthUserFile users
        Require valid-user
    </Location>
    <Location /digest>
        AuthType Digest
        AuthName brio
        AuthDigestProvider file
        AuthUserFile digests
        AuthDigestNonceLifetime 1
        Require valid-user
    </Location>
    Redirect 301 /old/ /
    Redirect 307 /again/ /
    <Location /store>
        Dav On
    </Location>
    <Location /private>
        Dav On
        AuthType Basic
        AuthName brio
        AuthUserFile users
        Require valid-user
    </Location>
    <Location /echo>
        SetHandler reflector
    </Location>
)";

} // namespace

apache::apache() {
    // As root it serves as www-data.
    std::filesystem::permissions(folder_.path(), std::filesystem::perms::all);
    std::filesystem::create_directories(www());
    std::filesystem::create_directories(store());
    std::filesystem::permissions(store(), std::filesystem::perms::all);
    write_file(folder_ / "users", "ada:{SHA}W8r/fyL/UzygmbNAjq2HbA67qac=\n");
    write_file(folder_ / "digests", "ada:brio:fc9547b6fcdcb37fe0364c4c78936716\n");
    const std::string program = program_path("apache2", "apache2-bin");
    const auto arguments = [&] {
        write_file(folder_ / "apache.conf", configuration());
        return std::vector<std::string>{program, "-X", "-d", folder_.path().string(), "-f", (folder_ / "apache.conf").string()};
    };
    process_ = start_on_free_ports({&plain_, &other_}, arguments, folder_ / "error.log");
}

std::string apache::configuration() const {
    const std::string here = folder_.path().string();
    std::string text = "ServerRoot " + here + "\nDefaultRuntimeDir " + here + "\n";
    for (const std::string name : {"mpm_event", "alias", "auth_basic", "auth_digest", "authn_core", "authn_file", "authz_core",
                                   "authz_user", "dav", "dav_fs", "deflate", "filter", "headers", "reflector"}) {
        text += "LoadModule " + name + "_module " + modules + name + ".so\n";
    }
    text += head;
    text += "DocumentRoot " + here + "/www\nDavLockDB " + here + "/store/.locks\n<Directory " + here + ">\n    Require all granted\n</Directory>\n";
    for (const char* place : {"gzip", "basic", "digest"}) text += std::string("Alias /") + place + " " + here + "/www\n";
    for (const char* place : {"store", "private"}) text += std::string("Alias /") + place + " " + here + "/store\n";
    text += "Listen 127.0.0.1:" + std::to_string(plain_) + "\nListen 127.0.0.1:" + std::to_string(other_) + "\n";
    text += "<VirtualHost 127.0.0.1:" + std::to_string(plain_) + ">" + places + "    Redirect 302 /away/ " + other_url() + "/\n</VirtualHost>\n";
    text += "<VirtualHost 127.0.0.1:" + std::to_string(other_) + ">" + places +
            "    MaxKeepAliveRequests 2\n    Header set X-Authorization \"expr=%{HTTP:Authorization}\"\n</VirtualHost>\n";
    return text;
}

} // namespace brio_test
