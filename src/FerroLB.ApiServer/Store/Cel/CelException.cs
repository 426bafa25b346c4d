using System;

namespace FerroLB.ApiServer.Store.Cel;

/// <summary>An expression that does not parse, or whose evaluation has no value; the message is for the user.</summary>
internal sealed class CelException(string message) : Exception(message);
