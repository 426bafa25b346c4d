using System;

namespace FerroLB.Runtime.KubeHttp;

/// <summary>The way to the Kubernetes API cannot be known: one line that says what is wrong and how to mend it.</summary>
/// <param name="message">The line.</param>
public sealed class KubeAccessException(string message) : Exception(message);
