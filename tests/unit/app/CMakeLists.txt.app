sidecar_test(app_tests LABEL unit
  DEPS sidecar_app
  SOURCES announcer_test.cpp health_service_test.cpp)
