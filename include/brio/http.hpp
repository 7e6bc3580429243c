// SPDX-License-Identifier: BSL-1.0
// Everything of brio's HTTP layer.
#pragma once

#include <brio/http/access_record.hpp>
#include <brio/http/auth.hpp>
#include <brio/http/before_send.hpp>
#include <brio/http/cookie.hpp>
#include <brio/http/cookie_jar.hpp>
#include <brio/http/download.hpp>
#include <brio/http/error.hpp>
#include <brio/http/event_stream.hpp>
#include <brio/http/file_options.hpp>
#include <brio/http/headers.hpp>
#include <brio/http/middleware.hpp>
#include <brio/http/mock.hpp>
#include <brio/http/multipart.hpp>
#include <brio/http/options.hpp>
#include <brio/http/percent.hpp>
#include <brio/http/proxy_error.hpp>
#include <brio/http/refusal.hpp>
#include <brio/http/reply.hpp>
#include <brio/http/reply_writer.hpp>
#include <brio/http/response.hpp>
#include <brio/http/retry_rules.hpp>
#include <brio/http/server.hpp>
#include <brio/http/server_options.hpp>
#include <brio/http/server_request.hpp>
#include <brio/http/session.hpp>
#include <brio/http/session_options.hpp>
#include <brio/http/status.hpp>
#include <brio/http/timings.hpp>
#include <brio/http/trace.hpp>
#include <brio/http/url.hpp>
#include <brio/http/websocket.hpp>
#include <brio/http/websocket_error.hpp>
#include <brio/http/websocket_options.hpp>
