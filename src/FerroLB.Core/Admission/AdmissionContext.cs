using FerroLB.Core.Config;

namespace FerroLB.Core.Admission;

/// <summary>What is known when an object is reviewed.</summary>
/// <param name="Namespace">FerroLB's namespace, the only one whose configuration counts.</param>
/// <param name="Present">The configuration objects as they are on the API server; every kind must have been read completely.</param>
/// <param name="InForce">What was made of them.</param>
public sealed record AdmissionContext(string Namespace, ConfigSources Present, ConfigResult InForce);
